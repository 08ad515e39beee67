import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { subscriber } from './subscriber.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const { call, cloud } = app;
const { subscribe, addIncident, sync, take } = subscriber(app);
const minuteMs = 60_000;

async function minute(): Promise<void> {
  time.advance(minuteMs);
  await sync();
}

/** Changes what the service lists. */
function changeLists(change: (body: { value: Record<string, unknown>[] }) => object): void {
  cloud.faults.add({
    service: 'defenderXdr',
    async effect(_request, answer) {
      const reply = await answer();
      if ('broken' in reply || reply.status !== 200) return reply;
      const body = JSON.stringify(change(JSON.parse(Buffer.from(reply.body).toString())));
      return { ...reply, body };
    },
  });
}

const idsOf = (messages: ReturnType<typeof take>) => messages.map(({ data }) => data.incidentId);

beforeEach(async () => {
  for (const { id } of Object((await call('GET /subscriptions?top=1000')).json).value)
    await call(`DELETE /subscriptions/${id}`);
  time.advance(60 * minuteMs);
  take();
});

describe('the incident feed of the app', () => {
  it('makes no call of Defender without a subscription or a poll', async () => {
    await minute();
    assert.equal(cloud.calls.count('defenderXdr'), 0);
  });

  it('needs two calls for two incidents when every page links to another one', async () => {
    await subscribe();
    const link = 'https://api.security.microsoft.com/api/incidents?$skip=100';
    changeLists((body) => ({ ...body, '@odata.nextLink': link }));
    await minute();
    const wanted = [addIncident(), addIncident()];
    cloud.calls.clear();
    await minute();
    assert.deepEqual(idsOf(take()).sort(), wanted);
    assert.equal(cloud.calls.count('defenderXdr'), 2);
  });

  it('delivers incidents whose timestamps have no zone', async () => {
    await subscribe();
    changeLists(({ value, ...others }) => ({
      ...others,
      value: value.map((each) => ({ ...each, lastUpdateTime: String(each.lastUpdateTime).replace('Z', '') })),
    }));
    await minute();
    const wanted = addIncident();
    await minute();
    assert.deepEqual(idsOf(take()), [wanted]);
  });

  it('continues after a Retry-After that is no number of seconds', async () => {
    await subscribe();
    await minute();
    cloud.faults.add({
      service: 'defenderXdr',
      times: 1,
      effect: async () => ({ status: 429, headers: { 'retry-after': '-43' }, body: '' }),
    });
    const wanted = addIncident();
    for (let minutes = 0; minutes < 3; minutes++) await minute();
    assert.deepEqual(idsOf(take()), [wanted]);
  });

  it('shows in health that Defender asked for a pause, and for how long', async () => {
    const readFeed = async () => Object((await call('GET /health')).json).tenants[0].incidentFeed;
    assert.equal(await readFeed(), undefined);
    await subscribe();
    await minute();
    assert.partialDeepStrictEqual(await readFeed(), { status: 'pass', quarantinedWindows: 0 });
    cloud.faults.add({
      service: 'defenderXdr',
      times: 1,
      effect: async () => ({ status: 429, headers: { 'retry-after': '86400' }, body: '' }),
    });
    await minute();
    const { status, notBefore } = await readFeed();
    const pauseMinutes = (Date.parse(notBefore) - time.now()) / minuteMs;
    assert.equal(status, 'warn');
    assert.ok(pauseMinutes > 59 && pauseMinutes <= 60, `${pauseMinutes} minutes`);
    for (let minutes = 0; minutes < 61; minutes++) await minute();
    assert.partialDeepStrictEqual(await readFeed(), { status: 'pass' });
  });

  it('delivers an incident that is raised to the minimum severity as created, once', async () => {
    await subscribe({ minimumSeverity: 'High', events: ['incident.created'] });
    const wanted = addIncident({ severity: 'Medium' });
    await minute();
    assert.deepEqual(take(), []);
    const { incidents } = cloud.securityOf(cloud.world.home.id);
    for (const expected of [[wanted], []]) {
      time.advance(1_000);
      incidents.update(wanted, { severity: 'High' });
      await minute();
      assert.deepEqual(idsOf(take()), expected);
    }
  });
});
