import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertStatus } from './replies.ts';

const hourMs = 60 * 60_000;
const time = createMovableTime();
const app = await useApp({
  time,
  hasStorage: true,
  settings: { CHECK_CREDENTIALS_SCHEDULE: '0 0 0 1 1 *', 'AzureWebJobs.cleanUp.Disabled': 'true' },
});
const { call, host, storage } = app;

const rowsOf = (table: string) => storage.contents.filter((name) => name.includes(table));

describe('cleanUp', () => {
  it('removes expired data on a schedule of its own, also when one step fails', async () => {
    const [incident] = app.cloud.securityOf(app.cloud.world.home.id).incidents.all();
    const headers = { 'idempotency-key': 'k-1' };
    const update = await call(`PATCH /incidents/${incident?.incidentId}`, { json: { tags: ['x'] }, headers });
    assertStatus(update, 200);
    const hunt = await call('POST /hunting', {
      json: { query: 'AlertInfo | count' },
      headers: { prefer: 'respond-async' },
    });
    assertStatus(hunt, 202);
    await host.drainQueues();
    assert.ok(rowsOf('defenderwrites').length > 0 && rowsOf('defenderhunts').length > 0, storage.contents.join());

    time.advance(49 * hourMs);
    storage.decide = ({ url }) => (url.includes('defenderwrites') ? 500 : 'answered');
    await host.runFunction('cleanUp');
    assert.ok(host.logs.some((line) => line.includes('Failed to remove expired stored responses: ')));
    assert.ok(
      host.logs.some((line) => line.includes('5 of 6 steps succeeded')),
      host.logs.slice(-8).join('\n'),
    );
    assert.deepEqual(rowsOf('defenderhunts'), []);
    assert.ok(rowsOf('defenderwrites').length > 0);

    storage.decide = () => 'answered';
    await host.runFunction('cleanUp');
    assert.deepEqual(rowsOf('defenderwrites'), []);
  });
});
