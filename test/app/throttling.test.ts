import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type CloudReply, json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { startApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

const { cloud, call, stop } = await startApp();
after(stop);
const ids = cloud
  .securityOf(cloud.world.home.id)
  .incidents.all()
  .map(({ incidentId }) => incidentId);

const throttled = (message: string, headers: Readonly<Record<string, string>> = {}): CloudReply =>
  json(429, { error: { code: '429', message, target: 'x' } }, headers);

/** Gets an incident that no other test asks for, which is throttled like this. */
async function getThrottled(reply: CloudReply, times?: number) {
  const path = `/api/incidents/${ids.pop()}`;
  const concernsUs = ({ url }: { url: string }) => new URL(url).pathname === path;
  cloud.faults.add({ match: concernsUs, effect: replyWith(reply), ...(times !== undefined && { times }) });
  const answer = await call(`GET ${path.slice('/api'.length)}`);
  return { answer, attempts: cloud.calls.of('defenderXdr').filter(concernsUs).length };
}

describe('throttling', { concurrency: true }, () => {
  it('is invisible to the caller when it ends within ten seconds', async () => {
    const { answer, attempts } = await getThrottled(throttled('Slow down.', { 'retry-after': '0' }), 2);
    assertStatus(answer, 200);
    assert.equal(attempts, 3);
  });

  it('is retried after Retry-After', async () => {
    const startedAt = performance.now();
    const { answer } = await getThrottled(throttled('Slow down.', { 'retry-after': '1' }), 1);
    assertStatus(answer, 200);
    assert.ok(performance.now() - startedAt >= 1000);
  });

  it('is returned at once when Retry-After exceeds ten seconds', async () => {
    const { answer, attempts } = await getThrottled(throttled('Slow down.', { 'retry-after': '11' }));
    const problem = assertProblem(answer, 429, 'Throttled');
    assert.equal(answer.headers.get('retry-after'), '11');
    assert.match(problem.detail, /Slow down\./);
    assert.partialDeepStrictEqual(problem.upstream, { service: 'defender', status: 429, code: '429' });
    assert.equal(attempts, 1);
  });

  it('is returned with seconds when Retry-After is a date', async () => {
    const headers = { 'retry-after': new Date(Date.now() + 120_000).toUTCString() };
    const { answer } = await getThrottled(throttled('Slow down.', headers));
    const seconds = Number(answer.headers.get('retry-after'));
    assert.ok(seconds > 110 && seconds <= 121, `${seconds}`);
  });

  it('is retried with exponential back-off without Retry-After, then returned with the window in the message', async () => {
    const { answer, attempts } = await getThrottled(
      throttled('API calls quota exceeded! maximum allowed 1500 per 01:00:00'),
    );
    assertProblem(answer, 429, 'Throttled');
    assert.equal(answer.headers.get('retry-after'), '3600');
    assert.equal(attempts, 4);
  });

  it('is returned with a computed Retry-After without any hint', async () => {
    const { answer } = await getThrottled(throttled('Too many requests.'));
    assertProblem(answer, 429, 'Throttled');
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  });

  it('is returned the same way for hunting', async () => {
    const message = 'CPU quota exceeded! maximum allowed 600 seconds per 00:15:00';
    const reply = json(429, { error: { code: 'TooManyRequests', message, innerError: { code: '429' } } });
    cloud.faults.add({ service: 'graph', effect: replyWith(reply) });
    const answer = await call('POST /hunting', { json: { query: 'AlertInfo | count' } });
    const { upstream } = assertProblem(answer, 429, 'Throttled');
    assert.partialDeepStrictEqual(upstream, { service: 'graph', status: 429, code: 'TooManyRequests' });
    assert.equal(answer.headers.get('retry-after'), '900');
  });
});
