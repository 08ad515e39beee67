import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runFuzz } from '../fuzz/fuzz.ts';

it('no request and no response makes the app fail or leak a secret', async (t) => {
  const figures = await runFuzz({ count: 600, seed: 'short', maxSeconds: 40 });
  assert.equal(figures.operationsMissed, 0);
  t.diagnostic(JSON.stringify(figures));
});
