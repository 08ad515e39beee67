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

describe('a throttled call', () => {
  for (const call of [safeCall, unsafeCall, graphCall]) {
    test(`waits as long as the service asks, up to 10 s: ${call.method} ${call.path}`, async () => {
      const { client, clock, elapsedMs } = openClient({ script: [throttled('10'), { body: 'done' }] });
      assert.equal(await clock.runUntil(client.send(call)), 'done');
      assert.equal(elapsedMs(), 10_000);
    });
  }

  test('understands a date too', async () => {
    const { client, clock, elapsedMs } = openClient({
      script: [throttled('Fri, 20 Nov 2026 12:00:04 GMT'), { body: 'done' }],
    });
    await clock.runUntil(client.send(safeCall));
    assert.equal(elapsedMs(), 4_000);
  });

  test('backs off when the service does not say how long', async () => {
    const { client, clock, elapsedMs } = openClient({ script: [throttled(), throttled(), { body: 'done' }] });
    assert.equal(await clock.runUntil(client.send(safeCall)), 'done');
    assert.ok(elapsedMs() > 0 && elapsedMs() <= 10_000);
  });

  test('is told so, with each pause observed', async () => {
    const { client, clock, observations } = openClient({ script: [throttled('2'), {}] });
    await clock.runUntil(client.send(safeCall));
    assert.deepEqual(
      observations.filter(({ name }) => name === 'ThrottlingWait'),
      [{ name: 'ThrottlingWait', service: 'defender', tenantId: homeTenantId, waitMs: 2_000 }],
    );
  });
});

describe('a call that goes on being throttled', () => {
  test('is 429 at once when the service asks for more than 10 s, and says for how much', async () => {
    const { error, retryAfter, waitedMs } = await refusalAfter(throttled('11'));
    assert.deepEqual([retryAfter, waitedMs], ['11', 0]);
    assert.match(error.message, /Slow down\./);
    assert.deepEqual(error.upstream, { service: 'defender', status: 429, code: '429', requestId: 't-1' });
  });

  test('is 429 when its waits together would pass 10 s', async () => {
    const { retryAfter, waitedMs } = await refusalAfter(throttled('6'), throttled('5'));
    assert.deepEqual([retryAfter, waitedMs], ['5', 6_000]);
  });

  test('is 429 when four attempts did not help', async () => {
    const { retryAfter } = await refusalAfter(throttled('1'), throttled('1'), throttled('1'), throttled('1'));
    assert.equal(retryAfter, '1');
  });

  test('asks the caller to wait for the window that the service names in its sentence', async () => {
    const minute = [quota('00:01:00'), quota('00:01:00'), quota('00:01:00'), quota('00:01:00')];
    assert.equal((await refusalAfter(...minute)).retryAfter, '60');
    assert.equal((await refusalAfter(...minute.slice(1), quota('01:00:00'))).retryAfter, '3600');
  });

  test('asks the caller to wait for some time of our choosing when the service names none', async () => {
    const { retryAfter, waitedMs } = await refusalAfter(throttled(), throttled(), throttled(), throttled());
    assert.match(retryAfter ?? '', /^[1-9]\d*$/);
    assert.ok(waitedMs <= 10_000);
  });

  test('never asks for less than a second', async () => {
    const zero = throttled('0');
    assert.equal((await refusalAfter(zero, zero, zero, zero)).retryAfter, '1');
  });
});
