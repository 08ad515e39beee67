import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { neverAnswer, replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { callbackUrl, subscriber } from './subscriber.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const { call, cloud, host } = app;
const { subscribe, addIncident, updateIncident, sync, take, status } = subscriber(app);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Time passes, and all is done that comes due in it. */
async function pass(ms: number): Promise<void> {
  time.advance(ms);
  await sync();
}

const failWith = (code: number) =>
  cloud.faults.add({
    service: 'webhookReceiver',
    effect: replyWith({ status: code, headers: {}, body: 'of-the-receiver' }),
  });

/** Each test starts with an empty inbox. */
beforeEach(async () => {
  for (const { id } of Object((await call('GET /subscriptions?top=1000')).json).value)
    await call(`DELETE /subscriptions/${id}`);
  await pass(minuteMs);
  cloud.received.splice(0);
});

describe('a delivery', () => {
  it('is signed and made once for each version of an incident', async () => {
    const { id, signingSecret } = await subscribe();
    const incidentId = addIncident();
    await pass(minuteMs);
    const [created, ...others] = take();
    assert.ok(created);
    assert.deepEqual(others, []);
    created.verify(signingSecret);
    assert.throws(() => created.verify('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'));
    assert.deepEqual(
      [created.type, created.tenantId, created.data.incidentId],
      ['incident.created', cloud.world.home.id, incidentId],
    );
    const { json: incident } = await call(`GET /incidents/${incidentId}`);
    const { '@odata.context': _, ...expected } = Object(incident);
    assert.deepEqual(created.data, expected);
    updateIncident(incidentId, { status: 'Redirected', redirectIncidentId: 1 });
    for (let minutes = 0; minutes < 12; minutes++) await pass(minuteMs);
    assert.deepEqual(
      take().map(({ type, data }) => [type, data.status]),
      [['incident.updated', 'Redirected']],
    );
    assert.partialDeepStrictEqual(await status(id), { delivered: 2, waiting: 0, deadLettered: 0 });
    assert.equal(host.logs.join().includes('very-secret'), false);
  });

  it('goes to the subscriptions whose filters match', async () => {
    await subscribe({ minimumSeverity: 'High' });
    const everything = 'https://prod-02.westeurope.logic.azure.com/all';
    await subscribe({ callbackUrl: everything, events: ['incident.created'] });
    const high = addIncident({ severity: 'High' });
    const low = addIncident({ severity: 'Low' });
    await pass(minuteMs);
    assert.deepEqual(
      take().map(({ data }) => data.incidentId),
      [high],
    );
    assert.deepEqual(
      take(everything)
        .map(({ data }) => data.incidentId)
        .sort(),
      [high, low],
    );
  });

  it('is retried on schedule under the same webhook-id and delays only later events of its incident', async () => {
    const { id, signingSecret } = await subscribe();
    const stop = failWith(503);
    const first = addIncident();
    await pass(minuteMs);
    updateIncident(first, { status: 'InProgress' });
    await pass(minuteMs);
    assert.partialDeepStrictEqual(await status(id), {
      waiting: 2,
      delivered: 0,
      lastFailure: { status: 503, detail: 'The receiver answered 503.' },
    });
    stop();
    const second = addIncident();
    await pass(minuteMs);
    await pass(hourMs);
    const all = take();
    assert.ok(all.some(({ data }) => data.incidentId === second));
    const messages = all.filter(({ data }) => data.incidentId === first);
    assert.deepEqual(
      messages.map(({ type }) => type),
      ['incident.created', 'incident.updated'],
    );
    for (const message of messages) message.verify(signingSecret);
    const tries = cloud.calls
      .of('webhookReceiver')
      .filter(({ headers }) => headers['webhook-id'] === messages[0]?.webhookId);
    assert.ok(tries.length > 1);
  });

  it('becomes a dead letter after a day, which can be resent', async () => {
    const { id } = await subscribe();
    const stop = failWith(500);
    const incidentId = addIncident();
    for (let hours = 0; hours < 30; hours++) await pass(hourMs);
    stop();
    assert.partialDeepStrictEqual(await status(id), { waiting: 0, deadLettered: 1 });
    const { json } = await call(`GET /subscriptions/${id}/dead-letters`);
    const [letter, ...others] = Object(json).value;
    assert.deepEqual(others, []);
    assert.partialDeepStrictEqual(letter, {
      type: 'incident.created',
      tenantId: cloud.world.home.id,
      incidentId,
      lastFailure: { status: 500 },
    });
    assert.doesNotMatch(JSON.stringify(json), /of-the-receiver/);
    take();
    const resent = await call(`POST /subscriptions/${id}/dead-letters`);
    assert.equal(resent.status, 202);
    assert.equal(resent.headers.get('location'), `${host.url}/api/subscriptions/${id}`);
    await host.drainQueues();
    assert.deepEqual(
      take().map(({ webhookId }) => webhookId),
      [letter.webhookId],
    );
    assert.partialDeepStrictEqual(await status(id), { waiting: 0, deadLettered: 0, delivered: 1 });
  });

  it('removes the subscription when it is answered 410', async () => {
    const { id } = await subscribe();
    failWith(410);
    addIncident();
    await pass(minuteMs);
    assert.equal((await call(`GET /subscriptions/${id}`)).status, 404);
  });

  it('does not follow redirects', async () => {
    const { id } = await subscribe();
    cloud.faults.add({
      service: 'webhookReceiver',
      effect: replyWith({ status: 307, headers: { location: 'https://prod-09.logic.azure.com/elsewhere' }, body: '' }),
    });
    addIncident();
    await pass(minuteMs);
    assert.partialDeepStrictEqual(await status(id), { waiting: 1, lastFailure: { status: 307 } });
    assert.ok(cloud.calls.of('webhookReceiver').every(({ url }) => url === callbackUrl));
  });

  it('is repeated when the instance dies during it', async () => {
    await subscribe();
    const hang = cloud.faults.add({ service: 'webhookReceiver', times: 1, effect: neverAnswer });
    const incidentId = addIncident();
    time.advance(minuteMs);
    await host.runFunction('syncIncidents');
    const draining = host.drainQueues();
    while (cloud.calls.count('webhookReceiver') === 0) await new Promise((resolve) => setImmediate(resolve));
    host.kill();
    await draining;
    hang();
    for (let minutes = 0; minutes < 3; minutes++) await pass(minuteMs);
    assert.deepEqual(
      take().map(({ data }) => data.incidentId),
      [incidentId],
    );
  });
});
