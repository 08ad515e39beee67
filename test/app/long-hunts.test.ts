import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Effect } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem } from './replies.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const { cloud, host } = app;
const query = 'DeviceInfo | project DeviceName, OSPlatform | take 3';
const asynchronous = { prefer: 'respond-async' };

async function start(json: object = { query }, headers: Record<string, string> = {}) {
  const reply = await app.call('POST /hunting', { json, headers: { ...asynchronous, ...headers } });
  return { reply, location: reply.headers.get('location') ?? '' };
}

const asUser = async (user: (typeof cloud.world.home.users)[number]) => ({
  authorization: `Bearer ${await cloud.signIn(user)}`,
});

/** Minutes go by, and messages are worked on, until the hunt is over. */
async function waitForEnd(location: string, headers: Record<string, string> = {}) {
  for (let minutes = 0; minutes < 90; minutes++) {
    const reply = await app.call(`GET ${location}`, { headers });
    // The host gives up an app that dies for the third time, until it is restarted.
    if (reply.status === 503) await host.restart();
    else if (reply.status !== 202) return { reply, minutes };
    time.advance(60_000);
    await host.drainQueues();
  }
  return assert.fail('The hunt never ends');
}

/** The app's process dies while it waits for Defender. */
const die: Effect = () => {
  host.kill();
  return new Promise(() => {});
};

/** The whole instance dies, so that the queue hides its message for ten minutes. */
const dieWithHost: Effect = () => {
  host.die();
  return new Promise(() => {});
};

describe('an asynchronous hunt', () => {
  it('returns the Location of its result', async () => {
    const { reply, location } = await start();
    assert.equal(reply.status, 202);
    assert.match(location, new RegExp(`^${host.url}/api/hunting/[0-9a-f]{32}$`));
    assert.equal(reply.headers.get('preference-applied'), 'respond-async');
    assert.ok(Number(reply.headers.get('retry-after')) > 0);
    await host.drainQueues();
    const result = await app.call(`GET ${location}`);
    assert.equal(result.status, 200);
    const atOnce = await app.call('POST /hunting', { json: { query } });
    assert.deepEqual(result.json, atOnce.json);
    for (const accept of ['text/csv', 'application/x-ndjson']) {
      const [late, early] = await Promise.all([
        app.call(`GET ${location}`, { headers: { accept } }),
        app.call('POST /hunting', { json: { query }, headers: { accept } }),
      ]);
      assert.equal(late.text, early.text);
      assert.equal(late.headers.get('content-type'), early.headers.get('content-type'));
    }
  });

  it('ends with the problem that it met', async () => {
    const { reply, location } = await start({ query: 'NoSuchTable' });
    assert.equal(reply.status, 202);
    await host.drainQueues();
    const outcome = await app.call(`GET ${location}`);
    assert.equal(outcome.status, 400);
    assert.equal(Object(outcome.json).code, 'InvalidQuery');
    assert.equal(Object(outcome.json).requestId, outcome.headers.get('x-ms-request-id'));
  });

  it('is 404 after a day', async () => {
    const { location } = await start();
    await host.drainQueues();
    time.advance(24 * 60 * 60_000);
    assert.equal((await app.call(`GET ${location}`)).status, 404);
    assert.equal((await app.call(`GET /hunting/${'0'.repeat(32)}`)).status, 404);
  });

  it('is visible to its user only', async () => {
    const [user, other] = cloud.world.home.users;
    assert.ok(user && other);
    const { location } = await start({ query }, await asUser(user));
    let reply = await app.call(`GET ${location}`, { headers: await asUser(user) });
    while (reply.status === 202) reply = await app.call(`GET ${location}`, { headers: await asUser(user) });
    assert.equal(reply.status, 200);
    assert.equal((await app.call(`GET ${location}`)).status, 404);
    assert.equal((await app.call(`GET ${location}`, { headers: await asUser(other) })).status, 404);
  });
});

describe('a hunt whose instance dies', () => {
  beforeEach(() => host.restart());

  it('is run again', async () => {
    cloud.faults.add({ service: 'graph', times: 1, effect: die });
    const { location } = await start();
    await host.drainQueues();
    const { reply, minutes } = await waitForEnd(location);
    assert.equal(reply.status, 200);
    assert.ok(minutes <= 1, `after ${minutes} minutes`);
    assert.equal(Object(reply.json).results.length, 3);
    assert.equal(cloud.calls.of('graph').length, 2);
  });

  it('is run again within two minutes when the whole instance dies', async () => {
    cloud.faults.add({ service: 'graph', times: 1, effect: dieWithHost });
    const { location } = await start();
    await host.drainQueues();
    const { reply, minutes } = await waitForEnd(location);
    assert.equal(reply.status, 200);
    assert.ok(minutes <= 2, `after ${minutes} minutes`);
    assert.equal(cloud.calls.of('graph').length, 2);
  });

  it('ends with a problem when the instance dies each time', async () => {
    cloud.faults.add({ service: 'graph', effect: die });
    const { location } = await start();
    const { reply } = await waitForEnd(location);
    const { nextStep } = assertProblem(reply, 504, 'UpstreamTimeout');
    assert.match(nextStep ?? '', /Run the query again/);
    assert.equal(cloud.calls.of('graph').length, 3);
  });

  it('ends with a problem when it needs a token of its user', async () => {
    const [user] = cloud.world.home.users;
    assert.ok(user);
    cloud.faults.add({ service: 'graph', times: 1, effect: die });
    const { location } = await start({ query }, await asUser(user));
    for (let left = 10; left > 0 && cloud.calls.of('graph').length === 0; left--)
      await app.call(`GET ${location}`, { headers: await asUser(user) });
    const { reply } = await waitForEnd(location, await asUser(user));
    assertProblem(reply, 504, 'UpstreamTimeout');
    assert.equal(cloud.calls.of('graph').length, 1);
  });
});

describe('an invalid asynchronous hunt', () => {
  it('is rejected at once: unsupported format', async () => {
    assertProblem((await start({ query }, { accept: 'application/xml' })).reply, 406, 'NotAcceptable');
  });

  it('is rejected at once: timespan with the older service', async (t) => {
    const older = await app.startBeside({ DEFENDER_HUNTING_API: 'xdr' });
    t.after(() => older.stop());
    const reply = await older.call('POST /hunting', { json: { query, timespan: 'P1D' }, headers: asynchronous });
    assert.equal(assertProblem(reply, 400, 'InvalidRequest').errors?.[0]?.name, '/timespan');
  });

  it('is rejected at once: invalid schedule, with every other error', async () => {
    for (const schedule of ['61 * * * *', '0 0 31 2 *', '* * * *', '']) {
      const { errors } = assertProblem(
        await app.call('POST /hunts', { json: { name: ' ', query, schedule } }),
        400,
        'InvalidRequest',
      );
      assert.deepEqual(
        errors?.map(({ name }) => name),
        ['/name', '/schedule'],
      );
    }
  });
});

describe('a saved hunt', () => {
  it('runs when it is due and delivers its results', async () => {
    const callbackUrl = 'https://prod-02.westeurope.logic.azure.com/hunts';
    await app.call('POST /subscriptions', { json: { callbackUrl, events: ['hunt.results'] } });
    const created = await app.call('POST /hunts', {
      json: { name: 'Three', query, schedule: '0 */10 * * * *', onlyNew: 'DeviceName' },
    });
    assert.equal(created.status, 201);
    const { id } = Object(created.json);
    for (let runs = 0; runs < 3; runs++) {
      time.advance(10 * 60_000);
      await host.runFunction('runScheduledHunts');
      await host.drainQueues();
    }
    const messages = cloud.received.filter(({ url }) => url === callbackUrl).map(({ body }) => JSON.parse(body));
    assert.equal(messages.length, 1);
    assert.equal(messages[0].type, 'hunt.results');
    assert.deepEqual(
      [messages[0].data.huntId, messages[0].data.name, messages[0].data.rows, messages[0].data.results.length],
      [id, 'Three', 3, 3],
    );
    const { json } = await app.call(`GET /hunts/${id}`);
    assert.equal(Object(json).lastRuns[0].rows, 0);
    assert.equal((await app.call(`DELETE /hunts/${id}`)).status, 204);
    assert.equal((await app.call(`GET /hunts/${id}`)).status, 404);
  });
});
