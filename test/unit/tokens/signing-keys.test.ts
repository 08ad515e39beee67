import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UpstreamError } from '../../../shared/errors.ts';
import { createStepRunner } from '../../../shared/tokens/credential-step.ts';
import { createSigningKeys } from '../../../shared/tokens/signing-keys.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type ScriptedStep } from '../fake-http-client.ts';
import { homeTenantId } from '../settings.ts';
import { createTestKey, toKeysReply } from './test-issuer.ts';

const [first, second] = [createTestKey('key-1'), createTestKey('key-2')];
const unavailable: ScriptedStep = { status: 400, body: {} };
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function createScene(...script: ScriptedStep[]) {
  const clock = createFakeClock();
  const httpClient = createFakeHttpClient(...script);
  const runStep = createStepRunner({ httpClient, clock, random: () => 0 });
  const keys = createSigningKeys({ runStep, authority: 'https://login.microsoftonline.com', clock });
  /** Whether the keys of the home tenant have this key id. */
  const has = async (keyId: string) => {
    const findKey = await keys.get(homeTenantId, keyId);
    try {
      return (await findKey({ alg: 'RS256', kid: keyId }, { payload: '', signature: '' })) !== undefined;
    } catch {
      return false;
    }
  };
  return { clock, httpClient, has };
}

describe('signing keys', () => {
  it('are requested once for many tokens', async () => {
    const { has, httpClient } = createScene(toKeysReply(first));
    assert.deepEqual(await Promise.all(Array.from({ length: 100 }, () => has('key-1'))), Array(100).fill(true));
    assert.equal(httpClient.requests.length, 1);
  });

  it('are requested again for an unknown key id, so that a rollover causes no error', async () => {
    const { has, clock, httpClient } = createScene(toKeysReply(first), toKeysReply(first, second));
    assert.equal(await has('key-1'), true);
    await clock.advance(minuteMs);
    assert.equal(await has('key-2'), true);
    assert.equal(httpClient.requests.length, 2);
  });

  it('are requested at most once a minute for unknown key ids', async () => {
    const { has, clock, httpClient } = createScene(toKeysReply(first), toKeysReply(first), toKeysReply(first));
    assert.equal(await has('key-1'), true);
    for (let call = 0; call < 10; call++) assert.equal(await has('forged'), false);
    assert.equal(httpClient.requests.length, 1);
    await clock.advance(minuteMs);
    for (let call = 0; call < 10; call++) assert.equal(await has('forged'), false);
    assert.equal(httpClient.requests.length, 2);
  });

  it('stay in use while Entra is unavailable, even beyond a day', async () => {
    const { has, clock } = createScene(toKeysReply(first), unavailable, unavailable, unavailable);
    assert.equal(await has('key-1'), true);
    for (const pauseMs of [2 * hourMs, 24 * hourMs]) {
      await clock.advance(pauseMs);
      assert.equal(await has('key-1'), true);
    }
  });

  it('fail as Entra does if there are none yet', async () => {
    const { has } = createScene(unavailable);
    await assert.rejects(has('key-1'), ({ upstream }: UpstreamError) => upstream.service === 'entra');
  });

  it('are rejected if the reply is not a key set', async () => {
    const { has } = createScene({ body: { keys: [{ kid: 1 }] } });
    await assert.rejects(has('key-1'), { name: 'UpstreamError', failure: 'malformed' });
  });
});
