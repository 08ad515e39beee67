import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RequestError } from '../../../shared/errors.ts';
import type { ScriptedReply } from '../fake-http-client.ts';
import { homeTenantId } from '../settings.ts';
import { graphCall, safeCall, unsafeCall } from './calls.ts';
import { openClient } from './open-client.ts';

const throttled = (retryAfter?: string, message = 'Slow down.'): ScriptedReply => ({
  status: 429,
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  body: { error: { code: '429', message, target: 't-1' } },
});
const quota = (window: string) => throttled(undefined, `API calls quota exceeded! maximum allowed 45 per ${window}`);

/** The 429 that a call ends with, and how long that took. */
async function refusalAfter(...script: ScriptedReply[]) {
  const { client, clock, httpClient, elapsedMs } = openClient({ script });
  const error = await clock.runUntil(client.send(safeCall)).catch((caught: unknown) => caught);
  assert.ok(error instanceof RequestError);
  assert.deepEqual([error.status, error.code], [429, 'Throttled']);
  assert.equal(httpClient.unused(), 0);
  return { error, retryAfter: error.headers['retry-after'], waitedMs: elapsedMs() };
}

describe('throttled call', () => {
  for (const call of [safeCall, unsafeCall, graphCall]) {
    test(`waits for Retry-After of up to 10 s: ${call.method} ${call.path}`, async () => {
      const { client, clock, elapsedMs } = openClient({ script: [throttled('10'), { body: 'done' }] });
      assert.equal(await clock.runUntil(client.send(call)), 'done');
      assert.equal(elapsedMs(), 10_000);
    });
  }

  test('accepts a date as Retry-After', async () => {
    const { client, clock, elapsedMs } = openClient({
      script: [throttled('Fri, 20 Nov 2026 12:00:04 GMT'), { body: 'done' }],
    });
    await clock.runUntil(client.send(safeCall));
    assert.equal(elapsedMs(), 4_000);
  });

  test('backs off without Retry-After', async () => {
    const { client, clock, elapsedMs } = openClient({ script: [throttled(), throttled(), { body: 'done' }] });
    assert.equal(await clock.runUntil(client.send(safeCall)), 'done');
    assert.ok(elapsedMs() > 0 && elapsedMs() <= 10_000);
  });

  test('observes each pause', async () => {
    const { client, clock, observations } = openClient({ script: [throttled('2'), {}] });
    await clock.runUntil(client.send(safeCall));
    assert.deepEqual(
      observations.filter(({ name }) => name === 'ThrottlingWait'),
      [{ name: 'ThrottlingWait', service: 'defender', tenantId: homeTenantId, waitMs: 2_000 }],
    );
  });
});

describe('call that stays throttled', () => {
  test('returns 429 with Retry-After at once when the service asks for more than 10 s', async () => {
    const { error, retryAfter, waitedMs } = await refusalAfter(throttled('11'));
    assert.deepEqual([retryAfter, waitedMs], ['11', 0]);
    assert.match(error.message, /Slow down\./);
    assert.deepEqual(error.upstream, { service: 'defender', status: 429, code: '429', requestId: 't-1' });
  });

  test('returns 429 when the waits together would exceed 10 s', async () => {
    const { retryAfter, waitedMs } = await refusalAfter(throttled('6'), throttled('5'));
    assert.deepEqual([retryAfter, waitedMs], ['5', 6_000]);
  });

  test('returns 429 after four attempts', async () => {
    const { retryAfter } = await refusalAfter(throttled('1'), throttled('1'), throttled('1'), throttled('1'));
    assert.equal(retryAfter, '1');
  });

  test('returns the quota window of the message as Retry-After', async () => {
    const minute = [quota('00:01:00'), quota('00:01:00'), quota('00:01:00'), quota('00:01:00')];
    assert.equal((await refusalAfter(...minute)).retryAfter, '60');
    for (const window of ['01:00:00', '24:00:00']) {
      assert.equal((await refusalAfter(...minute.slice(1), quota(window))).retryAfter, '3600');
    }
  });

  test('returns a default Retry-After when the service names none', async () => {
    const { retryAfter, waitedMs } = await refusalAfter(throttled(), throttled(), throttled(), throttled());
    assert.match(retryAfter ?? '', /^[1-9]\d*$/);
    assert.ok(waitedMs <= 10_000);
  });

  test('returns a Retry-After of its own when that of Defender is zero', async () => {
    const zero = throttled('0');
    assert.equal((await refusalAfter(zero, zero, zero, zero)).retryAfter, '30');
  });
});
