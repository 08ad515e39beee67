import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createStateKeys } from '../../../shared/tokens/state-key.ts';
import { createStateProtection } from '../../../shared/tokens/state-protection.ts';
import { createFakeClock } from '../fake-clock.ts';

const url = 'https://prod-1.westeurope.logic.azure.com/workflows/1?sig=canary';
const minuteMs = 60_000;

/** A vault with versions of a state key. */
function createScene() {
  const clock = createFakeClock();
  const versions = new Map<string, string | undefined>([['v1', 'first key '.repeat(5)]]);
  let reads = 0;
  const open = () =>
    createStateProtection(
      createStateKeys({
        name: 'state-key',
        async request(version = [...versions.keys()].at(-1)) {
          reads++;
          const value = versions.get(version ?? '');
          if (value === undefined || version === undefined)
            throw new UpstreamError('no such version', { service: 'keyVault', failure: 'refused', status: 404 });
          return { value, version, createdAt: undefined, expiresAt: undefined };
        },
        clock,
        getGeneration: async () => '',
      }),
    );
  return { clock, versions, open, reads: () => reads };
}

const unprotected = createStateProtection(undefined);

describe('protected state', () => {
  it('is encrypted for one purpose and one row', async () => {
    const state = createScene().open();
    const stored = await state.encrypt('callbackUrl', 'one', url);
    assert.doesNotMatch(stored, /canary/);
    assert.equal(await state.decrypt('callbackUrl', 'one', stored), url);
    await assert.rejects(state.decrypt('callbackUrl', 'two', stored), TypeError);
    await assert.rejects(state.decrypt('storedResponse', 'one', stored), TypeError);
    const modified = `${stored.slice(0, -1)}${stored.endsWith('A') ? 'B' : 'A'}`;
    await assert.rejects(state.decrypt('callbackUrl', 'one', modified.slice(0, -4)), TypeError);
  });

  it('encrypts equal texts differently', async () => {
    const state = createScene().open();
    const encrypt = () => state.encrypt('callbackUrl', 'one', url);
    assert.notEqual(await encrypt(), await encrypt());
  });

  it('derives the same secret for the same subject only', async () => {
    const { open } = createScene();
    const secretOf = async (subject: string) => (await open().derive('signingSecret', subject))?.secret;
    assert.deepEqual(await secretOf('one'), await secretOf('one'));
    assert.notDeepEqual(await secretOf('one'), await secretOf('two'));
  });

  it('signs for one purpose and one text', async () => {
    const state = createScene().open();
    const signature = await state.sign('nextLink', 'page 2');
    assert.equal(await state.verify('nextLink', 'page 2', signature), true);
    assert.equal(await state.verify('nextLink', 'page 3', signature), false);
    assert.equal(await state.verify('pollState', 'page 2', signature), false);
    assert.equal(await state.verify('nextLink', 'page 2', ''), false);
    assert.match(signature, /^[\w-]+$/);
  });

  it('stays readable after a rotation of the key, also on a new instance', async () => {
    const { clock, versions, open } = createScene();
    const before = open();
    const stored = await before.encrypt('storedResponse', 'row', 'reply');
    const signature = await before.sign('pollState', 'state');
    const derived = await before.derive('signingSecret', 'one');
    versions.set('v2', 'second key '.repeat(5));
    await clock.advance(5 * minuteMs);
    for (const state of [before, open()]) {
      assert.equal(await state.decrypt('storedResponse', 'row', stored), 'reply');
      assert.equal(await state.verify('pollState', 'state', signature), true);
      assert.deepEqual(await state.derive('signingSecret', 'one', derived?.keyVersion), derived);
      assert.match(await state.encrypt('storedResponse', 'row', 'reply'), /^enc1\.v2\./);
    }
  });

  it('fails as Key Vault when the version of its key is gone', async () => {
    const { clock, versions, open } = createScene();
    const stored = await open().encrypt('storedResponse', 'row', 'reply');
    versions.delete('v1');
    versions.set('v2', 'second key '.repeat(5));
    await clock.advance(5 * minuteMs);
    await assert.rejects(open().decrypt('storedResponse', 'row', stored), { message: 'no such version' });
  });

  it('reads values of an earlier version while the latest one is disabled', async () => {
    const { clock, versions, open } = createScene();
    const state = open();
    const stored = await state.encrypt('storedResponse', 'row', 'reply');
    const signature = await state.sign('nextLink', 'page 2');
    versions.set('v2', undefined);
    await clock.advance(5 * minuteMs);
    for (const each of [state, open()]) {
      await assert.rejects(each.encrypt('storedResponse', 'row', 'reply'), { message: 'no such version' });
      assert.equal(await each.decrypt('storedResponse', 'row', stored), 'reply');
      assert.equal(await each.verify('nextLink', 'page 2', signature), true);
    }
  });

  it('refuses a key of less than 32 characters', async () => {
    const { versions, open } = createScene();
    versions.set('v2', 'short');
    await assert.rejects(open().sign('nextLink', 'x'), { message: /state-key .* shorter than 32 characters/ });
  });

  it('reads Key Vault ten times a minute at most for versions that callers make up', async () => {
    const { clock, open, reads } = createScene();
    const state = open();
    const forge = (index: number) => `${index}`.padStart(4, '0') + 'A'.repeat(43);
    for (let index = 0; index < 100; index++) assert.equal(await state.verify('nextLink', 'x', forge(index)), false);
    assert.equal(reads(), 1 + 10);
    await clock.advance(minuteMs);
    assert.equal(await state.verify('nextLink', 'x', forge(100)), false);
    assert.equal(reads(), 1 + 11);
  });
});

describe('state without STATE_KEY_NAME', () => {
  it('is stored as it is and signed with a digest', async () => {
    assert.equal(await unprotected.encrypt('callbackUrl', 'one', url), url);
    assert.equal(await unprotected.decrypt('callbackUrl', 'one', url), url);
    assert.equal(await unprotected.derive('signingSecret', 'one'), undefined);
    const digest = await unprotected.sign('nextLink', 'page 2');
    assert.equal(await unprotected.verify('nextLink', 'page 2', digest), true);
    assert.equal(await unprotected.verify('nextLink', 'page 3', digest), false);
  });

  it('stays readable once the setting is there, except nextLinks, which then have to be signed', async () => {
    const state = createScene().open();
    assert.equal(await state.decrypt('callbackUrl', 'one', url), url);
    assert.equal(await state.verify('pollState', 's', await unprotected.sign('pollState', 's')), true);
    assert.equal(await state.verify('nextLink', 's', await unprotected.sign('nextLink', 's')), false);
  });

  it('names the setting when what was encrypted cannot be read', async () => {
    const stored = await createScene().open().encrypt('callbackUrl', 'one', url);
    await assert.rejects(unprotected.decrypt('callbackUrl', 'one', stored), {
      message: 'Invalid settings: STATE_KEY_NAME',
    });
  });
});
