import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSigningSecret } from '../../../shared/tokens/signing-secret.ts';
import { createVaultCredentialStore } from '../../../shared/tokens/vault-credential.ts';
import { createFakeClock } from '../fake-clock.ts';

const minuteMs = 60_000;

/** A secret in a vault that holds what the test puts there; without a value it is out of reach. */
function createScene(first: string | undefined) {
  const clock = createFakeClock();
  let value = first;
  let reads = 0;
  const store = createVaultCredentialStore(async () => {
    reads++;
    if (value === undefined) throw new Error('the vault is down');
    return { value, version: value, createdAt: undefined, expiresAt: undefined };
  });
  const put = (next: string | undefined) => {
    value = next;
  };
  return { clock, put, secret: createSigningSecret(store, clock), reads: () => reads };
}

describe('a secret by which others prove themselves', () => {
  it('is not accepted for longer than five minutes after it was rotated, whether or not anybody uses the new one', async () => {
    const { clock, put, secret, reads } = createScene('old');
    assert.equal(await secret.get(), 'old');
    put('new');
    await clock.advance(5 * minuteMs - 1);
    assert.equal(await secret.get(), 'old');
    assert.equal(reads(), 1);
    await clock.advance(1);
    assert.equal(await secret.get(), 'new');
  });

  it('is read anew at once for something that was signed otherwise, once a minute', async () => {
    const { clock, put, secret } = createScene('old');
    await secret.get();
    put('new');
    assert.equal(await secret.getAnew(), 'new');
    assert.equal(await secret.getAnew(), undefined);
    await clock.advance(minuteMs);
    assert.equal(await secret.getAnew(), 'new');
  });

  it('goes on from memory while the vault is out of reach', async () => {
    const { clock, put, secret } = createScene('old');
    await secret.get();
    put(undefined);
    await clock.advance(10 * minuteMs);
    assert.equal(await secret.get(), 'old');
  });

  it('that cannot be read is not asked for at each call', async () => {
    const { clock, put, secret, reads } = createScene(undefined);
    for (let call = 0; call < 5; call++) await assert.rejects(secret.get(), { message: 'the vault is down' });
    assert.equal(reads(), 1);
    put('there');
    await clock.advance(30_000);
    assert.equal(await secret.get(), 'there');
  });
});
