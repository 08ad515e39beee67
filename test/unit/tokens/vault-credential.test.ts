import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVaultCredentialStore, type VaultCredential } from '../../../shared/tokens/vault-credential.ts';

const version = (value: string): VaultCredential => ({
  value,
  version: value,
  createdAt: undefined,
  expiresAt: undefined,
});

/** A store over a vault whose answers the test gives, the last one over and over. */
function createScene(...answers: (string | Error)[]) {
  let reads = 0;
  const store = createVaultCredentialStore(async () => {
    const answer = answers[Math.min(reads++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return version(answer ?? '');
  });
  return { store, reads: () => reads };
}

describe('the credential in Key Vault', () => {
  it('is read once for however many ask at once, and then kept', async () => {
    const { store, reads } = createScene('one');
    await Promise.all(Array.from({ length: 100 }, () => store.get()));
    await store.get();
    assert.equal(reads(), 1);
  });

  it('is read again when it was rejected: once for all who were told so', async () => {
    const { store, reads } = createScene('one', 'two');
    const rejected = await store.get();
    const others = await Promise.all(Array.from({ length: 100 }, () => store.getNewerThan(rejected)));
    assert.deepEqual(new Set(others.map(({ value }) => value)), new Set(['two']));
    assert.equal(reads(), 2);
  });

  it('is not read again for one who comes late with the old one', async () => {
    const { store, reads } = createScene('one', 'two');
    const rejected = await store.get();
    await store.getNewerThan(rejected);
    assert.equal((await store.getNewerThan(rejected)).value, 'two');
    assert.equal(reads(), 2);
  });

  it('goes on from memory when a later read fails', async () => {
    const { store } = createScene('one', new Error('the vault is down'));
    await store.get();
    await assert.rejects(store.read(), { message: 'the vault is down' });
    assert.equal((await store.get()).value, 'one');
  });

  it('is asked for again after a failure that had nothing in memory to fall back on', async () => {
    const { store } = createScene(new Error('the vault is down'), 'one');
    await assert.rejects(store.get(), { message: 'the vault is down' });
    assert.equal((await store.get()).value, 'one');
  });

  it('is read again once somebody knows of a newer version', async () => {
    const { store, reads } = createScene('one', 'two');
    await store.get();
    store.expire();
    const all = await Promise.all(Array.from({ length: 100 }, () => store.get()));
    assert.deepEqual(new Set(all.map(({ value }) => value)), new Set(['two']));
    assert.equal(reads(), 2);
  });

  it('is read once more when the news came during a read, which may have been too early', async () => {
    const { store, reads } = createScene('one', 'two');
    const early = store.get();
    store.expire();
    await early;
    assert.equal((await store.get()).value, 'two');
    assert.equal((await store.get()).value, 'two');
    assert.equal(reads(), 2);
  });

  it('goes on from memory, and bothers the vault no further, when the newer version cannot be read', async () => {
    const { store, reads } = createScene('one', new Error('the vault is down'));
    await store.get();
    store.expire();
    assert.equal((await store.get()).value, 'one');
    assert.equal((await store.get()).value, 'one');
    assert.equal(reads(), 2);
  });
});
