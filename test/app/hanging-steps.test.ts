import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { neverAnswer } from '../sandbox/faults.ts';
import { startApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

// Ten seconds each, which is what the app gives a step: they wait at the same time.
describe('a token step without an answer', { concurrency: true }, () => {
  for (const service of ['managedIdentity', 'keyVault', 'entra'] as const) {
    it(`ends after ten seconds; the next call tries again: ${service}`, async (t) => {
      const app = await startApp();
      t.after(() => app.stop());
      const remove = app.cloud.faults.add({ service, effect: neverAnswer });
      const problem = assertProblem(await app.call('GET /incidents'), 503, 'CredentialUnavailable');
      assert.equal(problem.upstream?.service, service);
      assert.match(problem.detail, /did not respond within 10 seconds/);
      assert.ok(problem.nextStep);
      remove();
      assertStatus(await app.call('GET /incidents'), 200);
    });
  }
});
