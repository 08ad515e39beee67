import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createSigningSecret } from '../../../shared/tokens/signing-secret.ts';
import { createVaultCredentialStore } from '../../../shared/tokens/vault-credential.ts';
import { createFakeClock } from '../fake-clock.ts';

const minuteMs = 60_000;

/** A secret in a vault that holds what the test puts there. */
function createScene(first: string | UpstreamError) {
  const clock = createFakeClock();
  let value = first;
  let reads = 0;
  const store = createVaultCredentialStore({
    async request() {
      reads++;
      if (value instanceof UpstreamError) throw value;
      return { value, version: value, createdAt: undefined, expiresAt: undefined };
    },
    clock,
    getGeneration: async () => '',
    failurePauseMs: 30_000,
  });
  const put = (next: string | UpstreamError) => {
    value = next;
  };
  return { clock, put, secret: createSigningSecret(store, clock), reads: () => reads };
}

const disabled = new UpstreamError('disabled', { service: 'keyVault', failure: 'refused', status: 403 });

describe('a signing secret', () => {
  it('is accepted for five minutes after its rotation at most', async () => {
    const { clock, put, secret, reads } = createScene('old');
    assert.equal(await secret.get(), 'old');
    put('new');
    await clock.advance(5 * minuteMs - 1);
    assert.equal(await secret.get(), 'old');
    assert.equal(reads(), 1);
    await clock.advance(1);
    assert.equal(await secret.get(), 'new');
  });

  it('is accepted for five minutes after it was disabled at most, and dropped by the first invalid signature', async () => {
    const { clock, put, secret } = createScene('old');
    await secret.get();
    put(disabled);
    await assert.rejects(secret.getAnew(), disabled);
    await assert.rejects(secret.get(), disabled);
    await clock.advance(11 * 60 * minuteMs);
    await assert.rejects(secret.get(), disabled);
  });

  it('is read again after an invalid signature once a minute', async () => {
    const { clock, put, secret } = createScene('old');
    await secret.get();
    put('new');
    assert.equal(await secret.getAnew(), 'new');
    assert.equal(await secret.getAnew(), undefined);
    await clock.advance(minuteMs);
    assert.equal(await secret.getAnew(), 'new');
  });

  it('is read every half minute at most while that fails', async () => {
    const { clock, put, secret, reads } = createScene(disabled);
    for (let call = 0; call < 5; call++) await assert.rejects(secret.get(), disabled);
    assert.equal(reads(), 1);
    put('there');
    await clock.advance(30_000);
    assert.equal(await secret.get(), 'there');
  });
});
