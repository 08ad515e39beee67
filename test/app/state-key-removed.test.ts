import assert from 'node:assert/strict';
import { it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem } from './replies.ts';
import { subscriber } from './subscriber.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
cloud.administrator.putSecret('state-key', 'x'.repeat(64));
const app = await useApp({ cloud, hasStorage: true, settings: { STATE_KEY_NAME: 'state-key' } });

it('subscriptions whose secrets are derived from a removed state key are InvalidConfiguration', async (t) => {
  await subscriber(app).subscribe();
  const without = await app.startBeside({});
  t.after(without.stop);
  const { errors } = assertProblem(await without.call('GET /subscriptions'), 500, 'InvalidConfiguration');
  assert.deepEqual(
    errors?.map(({ name }) => name),
    ['STATE_KEY_NAME'],
  );
});
