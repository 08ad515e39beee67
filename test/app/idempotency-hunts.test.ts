import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertStatus } from './replies.ts';

const time = createMovableTime();
const app = await useApp({ hasStorage: true, time });
const minuteMs = 60_000;
after(() => time.advance(60 * minuteMs));

it('a saved hunt is created once although its instance crashed before it stored the response', async (t) => {
  const beside = await app.startBeside({});
  t.after(() => beside.stop());
  const options = {
    json: { name: 'x', query: 'AlertInfo', schedule: '0 0 * * * *' },
    headers: { 'idempotency-key': crypto.randomUUID() },
  };
  let hasHunt = false;
  app.storage.decide = ({ method, url }) => {
    if (url.includes('defenderwrites') && hasHunt) {
      app.host.kill();
      return 'broken';
    }
    if (url.includes('$batch') || (url.includes('defenderhunts') && method !== 'GET')) hasHunt = true;
    return 'answered';
  };
  await app.call('POST /hunts', options).catch(() => {});
  app.storage.decide = () => 'answered';

  const hunts = async () => ((await beside.call('GET /hunts')).json as { value: { id: string }[] }).value;
  assert.equal((await hunts()).length, 1);
  time.advance(5 * minuteMs);
  const created = await beside.call('POST /hunts', options);
  assertStatus(created, 201);
  assert.deepEqual(
    (await hunts()).map(({ id }) => id),
    [(created.json as { id: string }).id],
  );
});
