import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem } from './replies.ts';
import { callbackUrl, subscriber } from './subscriber.ts';

const app = await useApp({ hasStorage: true, time: createMovableTime() });
const { call, cloud, host } = app;
const { subscribe } = subscriber(app);

describe('subscribe', () => {
  it('returns the Location and, once, the signing secret', async () => {
    const { reply, id, signingSecret } = await subscribe();
    assert.equal(reply.status, 201);
    assert.equal(reply.headers.get('location'), `${host.url}/api/subscriptions/${id}`);
    assert.match(signingSecret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const { json } = await call(`GET ${reply.headers.get('location')}`);
    assert.deepEqual(json, {
      id,
      callbackUrl,
      events: ['incident.created', 'incident.updated'],
      tenantIds: [cloud.world.home.id],
      createdAt: Object(json).createdAt,
      createdBy: 'key',
      delivered: 0,
      waiting: 0,
      deadLettered: 0,
    });
    assert.equal(host.logs.join().includes('very-secret'), false);
  });

  it('omits the secret in a replay', async () => {
    const body = { callbackUrl: `${callbackUrl}&for=replay` };
    const first = await subscribe(body, { 'idempotency-key': 'k-1' });
    const again = await subscribe(body, { 'idempotency-key': 'k-1' });
    assert.equal(again.id, first.id);
    assert.equal(again.reply.status, 201);
    assert.equal(again.signingSecret, '');
    assert.notEqual(first.signingSecret, '');
  });

  it('returns 200 and the existing subscription, without its secret, for the same request', async () => {
    const body = { callbackUrl: `${callbackUrl}&for=twice`, status: ['Active', 'InProgress'] };
    const first = await subscribe(body);
    const again = await subscribe({ ...body, status: ['inProgress', 'active'] });
    assert.deepEqual([first.reply.status, again.reply.status], [201, 200]);
    assert.deepEqual([again.id, again.signingSecret], [first.id, '']);
    assert.equal(again.reply.headers.get('location'), first.reply.headers.get('location'));
    const another = await subscribe({ ...body, callbackUrl: `${callbackUrl}&for=Twice` });
    assert.equal(another.reply.status, 201);
  });

  for (const [name, body] of [
    ['/callbackUrl', { callbackUrl: `${callbackUrl}&long=${'x'.repeat(2_048)}` }],
    ['/status', { status: Array(21).fill('Active') }],
    ['/events', { events: Array(21).fill('incident.created') }],
  ] as const)
    it(`rejects a ${name} above its limit`, async () => {
      const { errors } = assertProblem((await subscribe(body)).reply, 400, 'InvalidRequest');
      assert.deepEqual(
        errors?.map((error) => error.name),
        [name],
      );
    });

  it('accepts filters in any published spelling and returns the canonical one', async () => {
    const { reply } = await subscribe({ minimumSeverity: 'medium', status: ['inprogress'], tenantIds: ['*'] });
    assert.partialDeepStrictEqual(reply.json, { minimumSeverity: 'Medium', status: ['InProgress'], tenantIds: ['*'] });
  });

  it('reports every error at once', async () => {
    const json = {
      callbackUrl: 'http://10.0.0.1/',
      events: ['x'],
      minimumSeverity: 'x',
      tenantIds: ['no tenant'],
      other: 1,
    };
    const { errors } = assertProblem(await call('POST /subscriptions', { json }), 400, 'InvalidRequest');
    assert.deepEqual(errors?.map(({ name }) => name).sort(), [
      '/callbackUrl',
      '/events/0',
      '/minimumSeverity',
      '/other',
      '/tenantIds/0',
    ]);
  });

  it('rejects a host that is not allowed and a tenant that is not served', async () => {
    const elsewhere = { callbackUrl: 'https://hooks.contoso.com/' };
    const { errors } = assertProblem(await call('POST /subscriptions', { json: elsewhere }), 400, 'InvalidRequest');
    assert.deepEqual(
      errors?.map(({ name }) => name),
      ['/callbackUrl'],
    );
    const foreign = { callbackUrl, tenantIds: [crypto.randomUUID()] };
    assertProblem(await call('POST /subscriptions', { json: foreign }), 403, 'TenantNotAllowed');
  });
});

describe('a subscription', () => {
  it('is deleted, also when it is gone already', async () => {
    const { id } = await subscribe();
    for (let times = 0; times < 2; times++) assert.equal((await call(`DELETE /subscriptions/${id}`)).status, 204);
    assertProblem(await call(`GET /subscriptions/${id}`), 404, 'NotFound');
    assertProblem(await call(`GET /subscriptions/${id}/dead-letters`), 404, 'NotFound');
    assertProblem(await call(`POST /subscriptions/${id}/dead-letters`), 404, 'NotFound');
  });

  it('is 400 with a malformed id', async () => {
    assertProblem(await call('GET /subscriptions/x'), 400, 'InvalidRequest');
  });

  it('is listed, page by page', async () => {
    const { id } = await subscribe();
    const ids: unknown[] = [];
    for (let target = '/subscriptions?top=1'; target !== ''; ) {
      const { json } = await call(`GET ${target}`);
      const { value, nextLink = '' } = Object(json);
      ids.push(...value.map((each: { id: string }) => each.id));
      target = nextLink;
    }
    assert.equal(ids.at(-1), id);
    assert.equal(new Set(ids).size, ids.length);
  });
});

it('subscriptions without storage are reported as InvalidConfiguration', async (t) => {
  const poor = await app.startBeside({ AzureWebJobsStorage: '' });
  t.after(() => poor.stop());
  for (const request of ['GET /subscriptions', 'GET /hunts'] as const) {
    const { errors } = assertProblem(await poor.call(request), 500, 'InvalidConfiguration');
    assert.deepEqual(
      errors?.map(({ name }) => name),
      ['AzureWebJobsStorage'],
    );
  }
  await poor.host.runFunction('syncIncidents');
  await poor.host.runFunction('runScheduledHunts');
});
