import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScriptedOutcome } from '../fake-http-client.ts';
import { graphCall, safeCall, unsafeCall } from './calls.ts';
import { openClient } from './open-client.ts';

const asStep = (failure: number | string): ScriptedOutcome =>
  typeof failure === 'number' ? { status: failure } : { broken: failure };

describe('idempotent call', () => {
  for (const failure of [408, 429, 500, 502, 503, 504, 'ECONNRESET', 'ECONNREFUSED', 'EPIPE']) {
    test(`retries after ${failure}`, async () => {
      const { client, clock, httpClient } = openClient({ script: [asStep(failure), { body: 'done' }] });
      assert.equal(await clock.runUntil(client.send(safeCall)), 'done');
      assert.equal(httpClient.requests.length, 2);
    });
  }

  for (const status of [302, 400, 404, 409, 410]) {
    test(`does not retry after ${status}`, async () => {
      const { client, clock, httpClient } = openClient({ script: [{ status }] });
      await assert.rejects(clock.runUntil(client.send(safeCall)), { name: 'UpstreamError' });
      assert.equal(httpClient.requests.length, 1);
    });
  }

  test('sends at most four requests, with doubling pauses', async () => {
    const { client, clock, httpClient, elapsedMs } = openClient({ script: [500, 502, 503, 504].map(asStep) });
    await assert.rejects(clock.runUntil(client.send(safeCall)), {
      upstream: { service: 'defender', status: 504, code: undefined, requestId: undefined },
    });
    assert.equal(httpClient.requests.length, 4);
    assert.equal(elapsedMs(), 250 + 500 + 1_000);
  });

  test('does not retry with noRetry', async () => {
    for (const failure of [429, 503, 'ECONNREFUSED']) {
      const { client, clock, httpClient } = openClient({ script: [asStep(failure)] });
      await assert.rejects(clock.runUntil(client.send({ ...safeCall, noRetry: true })));
      assert.equal(httpClient.requests.length, 1);
    }
  });

  test('names the connection error when every attempt failed', async () => {
    const { client, clock } = openClient({ script: Array(4).fill({ broken: 'ECONNRESET' }) });
    await assert.rejects(clock.runUntil(client.send(graphCall)), {
      name: 'UpstreamError',
      failure: 'connection',
      upstream: { service: 'graph', status: undefined, code: 'ECONNRESET', requestId: undefined },
    });
  });
});

describe('call that is not idempotent', () => {
  for (const failure of [429, 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']) {
    test(`retries after ${failure}, because the request cannot have been executed`, async () => {
      const { client, clock, httpClient } = openClient({ script: [asStep(failure), { body: 'done' }] });
      assert.equal(await clock.runUntil(client.send(unsafeCall)), 'done');
      assert.equal(httpClient.requests[1]?.body, httpClient.requests[0]?.body);
    });
  }

  for (const failure of [408, 500, 502, 503, 504, 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']) {
    test(`does not retry after ${failure}, because the request may have been executed`, async () => {
      const { client, clock, httpClient } = openClient({ script: [asStep(failure)] });
      await assert.rejects(clock.runUntil(client.send(unsafeCall)), { name: 'UpstreamError' });
      assert.equal(httpClient.requests.length, 1);
    });
  }
});

describe('timeout', () => {
  test('applies per attempt as configured', async () => {
    const { client, clock, elapsedMs } = openClient({ script: ['silence'], upstreamTimeoutMs: 7_000 });
    await assert.rejects(clock.runUntil(client.send(safeCall)), { name: 'UpstreamError', failure: 'timeout' });
    assert.equal(elapsedMs(), 7_000);
  });

  test('applies per attempt as the call sets it', async () => {
    const { client, clock, elapsedMs } = openClient({ script: ['silence'] });
    const call = { ...safeCall, attemptTimeoutMs: 50_000 };
    await assert.rejects(clock.runUntil(client.send(call)), { failure: 'timeout' });
    assert.equal(elapsedMs(), 50_000);
  });

  test("applies to the whole call: 100 s from the start of the caller's request", async () => {
    const { client, clock, elapsedMs } = openClient({ script: ['silence'], elapsedMs: 95_000 });
    await assert.rejects(clock.runUntil(client.send(safeCall)), { failure: 'timeout' });
    assert.equal(elapsedMs(), 5_000);
  });

  test('applies to the whole call as the call sets it', async () => {
    const { client, clock, elapsedMs } = openClient({ script: ['silence'], elapsedMs: 95_000 });
    const call = { ...safeCall, attemptTimeoutMs: 185_000, totalTimeoutMs: 210_000 };
    await assert.rejects(clock.runUntil(client.send(call)), { failure: 'timeout' });
    assert.equal(elapsedMs(), 115_000);
  });

  test('prevents a pause that would exceed it', async () => {
    const script = [{ status: 503, headers: { 'retry-after': '6' } }];
    const { client, clock, elapsedMs } = openClient({ script, elapsedMs: 95_000 });
    await assert.rejects(clock.runUntil(client.send(safeCall)), { failure: 'refused' });
    assert.equal(elapsedMs(), 0);
  });

  test('aborts the request and leaves no timer', async () => {
    const { client, clock } = openClient({ script: ['silence', {}] });
    await assert.rejects(clock.runUntil(client.send(safeCall)), { failure: 'timeout' });
    await client.send(safeCall);
    assert.deepEqual(clock.pendingMs(), []);
  });
});

describe('call without time left', () => {
  for (const [name, call] of Object.entries({ 'a safe one': safeCall, 'an unsafe one': unsafeCall })) {
    test(`sends nothing: ${name}`, async () => {
      const { client, clock, httpClient } = openClient({ script: [{ body: {} }], elapsedMs: 100_000 });
      await assert.rejects(clock.runUntil(client.send(call)), { name: 'UpstreamError', failure: 'timeout' });
      assert.deepEqual(httpClient.requests, []);
    });
  }
});
