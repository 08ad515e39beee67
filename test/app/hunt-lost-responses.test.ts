import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertStatus } from './replies.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const { cloud, host, storage } = app;
const query = 'DeviceInfo | project DeviceName | take 3';
const callbackUrl = 'https://prod-02.westeurope.logic.azure.com/hunts';

/** `LOST_STRIDE=1` loses the response of every request; the default saves time. */
const stride = Number(process.env.LOST_STRIDE ?? 7);

/** Repeats a scenario, with the response of another storage request lost each time, until it makes no further request. */
async function loseEach(scenario: () => Promise<void>): Promise<number> {
  for (let lost = 1; ; lost += stride) {
    let requests = 0;
    storage.decide = () => (++requests === lost ? 'lost' : 'answered');
    await scenario();
    storage.decide = () => 'answered';
    if (requests < lost) return requests;
  }
}

async function workFor(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await time.advance(60_000);
    await host.drainQueues();
  }
}

describe('any lost response of storage', () => {
  it('leaves an asynchronous hunt with its result', async () => {
    const requests = await loseEach(async () => {
      const accepted = await app.call('POST /hunting', { json: { query }, headers: { prefer: 'respond-async' } });
      assertStatus(accepted, 202);
      await host.drainQueues();
      await workFor(2);
      const path: `GET ${string}` = `GET ${(accepted.headers.get('location') ?? '').replace(/^.*\/api/, '')}`;
      const result = await app.call(path);
      assertStatus(result, 200);
      assert.equal(Object(result.json).results.length, 3);
    });
    assert.ok(requests > 10, `${requests} requests`);
  });

  it('leaves a saved hunt that is delivered once and removed without a trace', async () => {
    assertStatus(await app.call('POST /subscriptions', { json: { callbackUrl, events: ['hunt.results'] } }), 201);
    const requests = await loseEach(async () => {
      const schedule = '0 */10 * * * *';
      const created = await app.call('POST /hunts', { json: { name: 'x', query, schedule, onlyNew: 'DeviceName' } });
      assertStatus(created, 201);
      const { id } = Object(created.json);
      await time.advance(10 * 60_000);
      await host.runFunction('runScheduledHunts');
      await host.drainQueues();
      await workFor(3);
      const ids = cloud.received.flatMap(({ url, body, webhookId }) =>
        url === callbackUrl && JSON.parse(body).data.huntId === id ? [webhookId] : [],
      );
      assert.equal(new Set(ids).size, 1);
      const { json } = await app.call(`GET /hunts/${id}`);
      assert.equal(Object(json).lastRuns[0]?.error, undefined);
      assertStatus(await app.call(`DELETE /hunts/${id}`), 204);
      const { value } = Object((await app.call('GET /hunts')).json);
      assert.deepEqual(value, []);
    });
    assert.ok(requests > 20, `${requests} requests`);
  });
});
