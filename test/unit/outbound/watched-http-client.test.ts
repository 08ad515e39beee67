import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { watchHttpClient } from '../../../shared/outbound/watched-http-client.ts';
import { complete, createFakeClock } from '../fake-clock.ts';

/** Never responds, and fails when the request is aborted. */
const hanging: HttpClient = {
  sendRequest: ({ abortSignal }) =>
    new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(new Error('aborted')))),
};

describe('watchHttpClient', () => {
  it("aborts the request with the caller's signal", async () => {
    const watched = watchHttpClient(hanging, createFakeClock(), 10_000);
    const caller = new AbortController();
    const sent = watched.sendRequest(createPipelineRequest({ url: 'https://x', abortSignal: caller.signal }));
    caller.abort();
    await assert.rejects(sent, { message: 'aborted' });
    assert.equal(watched.lastOutcome().kind, 'connection');
  });

  it("does not send once the caller's signal is aborted", async () => {
    const watched = watchHttpClient(
      { sendRequest: async ({ abortSignal }) => assert.fail(`aborted: ${abortSignal?.aborted}`) },
      createFakeClock(),
      10_000,
    );
    const request = createPipelineRequest({ url: 'https://x', abortSignal: AbortSignal.abort() });
    await assert.rejects(watched.sendRequest(request), { message: 'aborted: true' });
  });

  it('limits the time of all requests together', async () => {
    const clock = createFakeClock();
    const watched = watchHttpClient(hanging, clock, 10_000);
    const caller = new AbortController();
    const first = watched.sendRequest(createPipelineRequest({ url: 'https://x', abortSignal: caller.signal }));
    await clock.advance(6_000);
    caller.abort();
    await assert.rejects(first, { message: 'aborted' });
    const second = watched.sendRequest(createPipelineRequest({ url: 'https://x' }));
    second.catch(() => {});
    await complete();
    assert.deepEqual(clock.pendingMs(), [4_000]);
    await clock.advance(4_000);
    await assert.rejects(second, { name: 'TimeoutError' });
    assert.deepEqual(watched.lastOutcome(), { kind: 'timeout' });
  });

  it("leaves the caller's signal on the request", async () => {
    const client: HttpClient = { sendRequest: () => Promise.reject(new Error('broken')) };
    const watched = watchHttpClient(client, createFakeClock(), 10_000);
    const { signal } = new AbortController();
    const request = createPipelineRequest({ url: 'https://x', abortSignal: signal });
    await assert.rejects(watched.sendRequest(request));
    assert.equal(request.abortSignal, signal);
  });
});
