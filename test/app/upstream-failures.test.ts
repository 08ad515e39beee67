import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type CloudReply, json } from '../sandbox/exchange.ts';
import { breakConnection, cutBody, type Effect, neverAnswer, replyWith } from '../sandbox/faults.ts';
import type { Reply } from './call.ts';
import { startApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import type { TestApp } from './test-app.ts';

const app = await startApp();
after(app.stop);
const { cloud } = app;
const ids = cloud
  .securityOf(cloud.world.home.id)
  .incidents.all()
  .map(({ incidentId }) => incidentId);

interface Outcome {
  readonly reply: Reply;
  /** Calls of Defender. */
  readonly attempts: number;
}

/** Gets an incident that no other test uses, while Defender has this fault for it. */
async function getWith(
  effect: Effect,
  { times, from = app }: { times?: number; from?: TestApp } = {},
): Promise<Outcome> {
  const path = `/api/incidents/${ids.pop()}`;
  const concernsUs = ({ url }: { url: string }) => new URL(url).pathname === path;
  cloud.faults.add({ match: concernsUs, effect, ...(times !== undefined && { times }) });
  const reply = await from.call(`GET ${path.slice('/api'.length)}`);
  return { reply, attempts: cloud.calls.of('defenderXdr').filter(concernsUs).length };
}

const refuse = (status: number, code: string, message: string): Effect =>
  replyWith(json(status, { error: { code, message, target: '|a1-b2.' } }));

const broken: CloudReply = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' };

describe('a failure of Defender', { concurrency: true }, () => {
  it('is invisible to the caller when it is transient', async () => {
    for (const effect of [refuse(500, 'InternalServerError', 'It broke.'), refuse(408, '', ''), breakConnection]) {
      const { reply, attempts } = await getWith(effect, { times: 1 });
      assertStatus(reply, 200);
      assert.equal(attempts, 2);
    }
  });

  it('is 502 with the code of the service after four attempts', async () => {
    const { reply, attempts } = await getWith(refuse(503, 'ServiceUnavailable', 'Maintenance.'));
    const problem = assertProblem(reply, 502, 'UpstreamFailed');
    assert.equal(problem.detail, 'Maintenance.');
    assert.deepEqual(problem.upstream, {
      service: 'defender',
      status: 503,
      code: 'ServiceUnavailable',
      requestId: '|a1-b2.',
    });
    assert.equal(attempts, 4);
  });

  it('is 502 when the connection keeps breaking', async () => {
    const { reply, attempts } = await getWith(breakConnection);
    const { upstream } = assertProblem(reply, 502, 'UpstreamFailed');
    assert.partialDeepStrictEqual(upstream, { service: 'defender' });
    assert.equal(attempts, 4);
  });

  it('is 504 on a timeout, without a retry', async (t) => {
    const impatient = await app.startBeside({ UPSTREAM_TIMEOUT_SECONDS: '1' });
    t.after(() => impatient.stop());
    const { reply, attempts } = await getWith(neverAnswer, { from: impatient });
    assertProblem(reply, 504, 'UpstreamTimeout');
    assert.equal(attempts, 1);
  });

  it('is 504 after a lasting 408', async () => {
    const { reply, attempts } = await getWith(refuse(408, 'RequestTimeout', 'Too slow.'));
    assertProblem(reply, 504, 'UpstreamTimeout');
    assert.equal(attempts, 4);
  });

  it('is 502 for a redirect, which is not followed', async () => {
    for (const status of [301, 302, 307, 308]) {
      const headers = { location: 'https://graph.microsoft.com/v1.0/elsewhere' };
      const { reply, attempts } = await getWith(replyWith({ status, headers, body: '' }));
      assert.equal(assertProblem(reply, 502, 'UpstreamFailed').upstream?.status, status);
      assert.equal(attempts, 1);
    }
    assert.equal(cloud.calls.count('graph'), 0);
  });

  it('is 502 for a malformed response, without a retry', async () => {
    for (const effect of [cutBody, replyWith(broken), replyWith(json(200, [])), replyWith(json(200, 'text'))]) {
      const { reply, attempts } = await getWith(effect);
      const problem = assertProblem(reply, 502, 'UpstreamFailed');
      assert.equal(problem.upstream?.service, 'defender');
      assert.ok(!reply.text.includes('Sign in'));
      assert.equal(attempts, 1);
    }
  });

  it('is 502 for an undocumented status', async () => {
    for (const status of [402, 410, 418]) {
      const { reply } = await getWith(refuse(status, 'Gone', 'It is gone.'));
      assert.equal(assertProblem(reply, 502, 'UpstreamFailed').upstream?.status, status);
    }
  });
});
