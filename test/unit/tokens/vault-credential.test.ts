import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import {
  createVaultCredentialStore,
  presentedSecret,
  type VaultCredential,
} from '../../../shared/tokens/vault-credential.ts';
import { createFakeClock } from '../fake-clock.ts';

const minuteMs = 60_000;

type StoreOptions = Parameters<typeof createVaultCredentialStore>[0];

const version = (value: string): VaultCredential => ({
  value,
  version: value,
  createdAt: undefined,
  expiresAt: undefined,
});

const refusal = (status: number) =>
  new UpstreamError(`Key Vault answered ${status}`, { service: 'keyVault', failure: 'refused', status });
const outage = new UpstreamError('Key Vault could not be reached', { service: 'keyVault', failure: 'connection' });

/** A store over a vault that gives these answers in turn, the last one over and over. */
function createScene(options: Pick<StoreOptions, 'lifetime'>, ...answers: (string | Error)[]) {
  const clock = createFakeClock();
  let reads = 0;
  let generation = 0;
  const store = createVaultCredentialStore({
    ...options,
    async request() {
      const answer = answers[Math.min(reads++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return version(answer ?? '');
    },
    clock,
    getGeneration: async () => String(generation),
  });
  const raise = () => void generation++;
  return { clock, store, raise, reads: () => reads };
}

describe('a secret of Key Vault', () => {
  it('is read once for concurrent calls and cached for five minutes', async () => {
    const { clock, store, reads } = createScene({}, 'one', 'two');
    await Promise.all(Array.from({ length: 100 }, () => store.get()));
    await clock.advance(5 * minuteMs - 1);
    assert.equal((await store.get()).value, 'one');
    assert.equal(reads(), 1);
    await clock.advance(1);
    assert.equal((await store.get()).value, 'two');
  });

  it('is read again after a rejection: once for all who were rejected', async () => {
    const { store, reads } = createScene({}, 'one', 'two');
    const rejected = await store.get();
    const others = await Promise.all(Array.from({ length: 100 }, () => store.getNewerThan(rejected)));
    assert.deepEqual(new Set(others.map(({ value }) => value)), new Set(['two']));
    assert.equal((await store.getNewerThan(rejected)).value, 'two');
    assert.equal(reads(), 2);
  });

  it('is read again when its generation is raised', async () => {
    const { store, raise, reads } = createScene({}, 'one', 'two');
    await store.get();
    raise();
    const all = await Promise.all(Array.from({ length: 100 }, () => store.get()));
    assert.deepEqual(new Set(all.map(({ value }) => value)), new Set(['two']));
    assert.equal(reads(), 2);
  });

  it('is read once more when its generation is raised during a read', async () => {
    const { store, raise, reads } = createScene({}, 'one', 'two');
    const early = store.get();
    await Promise.resolve();
    raise();
    await early;
    assert.equal((await store.get()).value, 'two');
    assert.equal((await store.get()).value, 'two');
    assert.equal(reads(), 2);
  });

  for (const status of [400, 401, 403, 404]) {
    it(`is dropped at once when Key Vault answers ${status}`, async () => {
      const { clock, store } = createScene({}, 'one', refusal(status));
      await store.get();
      await clock.advance(5 * minuteMs);
      await assert.rejects(store.get(), {
        upstream: { service: 'keyVault', status, code: undefined, requestId: undefined },
      });
      await assert.rejects(store.get(), UpstreamError);
    });
  }

  for (const failure of [outage, refusal(408), refusal(429), refusal(503)]) {
    it(`is served for 15 minutes at most when ${failure.message}`, async () => {
      const { clock, store } = createScene({}, 'one', failure);
      await store.get();
      await clock.advance(15 * minuteMs - 1);
      assert.equal((await store.get()).value, 'one');
      await clock.advance(1);
      await assert.rejects(store.get(), failure);
    });
  }

  it('is tried again every half minute during an outage, and right after it', async () => {
    const { clock, store, raise, reads } = createScene({}, 'one', outage, 'two');
    await store.get();
    raise();
    assert.equal((await store.get()).value, 'one');
    assert.equal((await store.get()).value, 'one');
    assert.equal(reads(), 2);
    await clock.advance(minuteMs / 2);
    assert.equal((await store.get()).value, 'two');
  });

  it('is read again by the next call after a failure with nothing cached', async () => {
    const { store } = createScene({}, outage, 'one');
    await assert.rejects(store.get(), outage);
    assert.equal((await store.get()).value, 'one');
  });
});

describe('the credential of the app', () => {
  const hourMs = 60 * minuteMs;

  it('is read once, and stays in use while Key Vault is down', async () => {
    const { clock, store, reads } = createScene({ lifetime: presentedSecret }, 'one', outage);
    for (let hour = 0; hour < 48; hour++) {
      assert.equal((await store.get()).value, 'one');
      await clock.advance(hourMs);
    }
    assert.equal(reads(), 1);
    await assert.rejects(store.read(), outage);
    assert.equal((await store.get()).value, 'one');
  });

  it('is dropped when a read finds it disabled', async () => {
    const { store } = createScene({ lifetime: presentedSecret }, 'one', refusal(403));
    await store.get();
    await assert.rejects(store.read(), { name: 'UpstreamError' });
    await assert.rejects(store.get(), { name: 'UpstreamError' });
  });
});
