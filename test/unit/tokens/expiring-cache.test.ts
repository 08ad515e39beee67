import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createExpiringCache, type Expiring } from '../../../shared/tokens/expiring-cache.ts';
import { complete, createFakeClock } from '../fake-clock.ts';

interface Value extends Expiring {
  name: string;
}

const lifetimeMs = 3_600_000;
const refreshAheadMs = 300_000;

/** A cache whose loads are answered by the test, in the order in which they began. */
function createScene(capacity = 100) {
  const clock = createFakeClock();
  const cache = createExpiringCache<Value>({ now: clock.now, capacity });
  const loads: PromiseWithResolvers<Value>[] = [];
  const load = () => {
    const deferred = Promise.withResolvers<Value>();
    loads.push(deferred);
    return deferred.promise;
  };
  const value = (name: string): Value => {
    const expiresAt = clock.now() + lifetimeMs;
    return { name, expiresAt, refreshAt: expiresAt - refreshAheadMs };
  };
  return {
    clock,
    cache,
    loads,
    load,
    value,
    get: (key: string) => cache.get(key, load),
    async fill(key: string, name: string): Promise<Value> {
      const pending = cache.get(key, load);
      loads.at(-1)?.resolve(value(name));
      return await pending;
    },
  };
}

describe('an expiring cache', () => {
  it('loads once for concurrent calls', async () => {
    const { get, loads, value } = createScene();
    const asked = Array.from({ length: 100 }, () => get('a'));
    assert.equal(loads.length, 1);
    loads[0]?.resolve(value('first'));
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ name }) => name)), new Set(['first']));
  });

  it('returns a value until it expires', async () => {
    const { fill, get, loads, clock, value } = createScene();
    await fill('a', 'first');
    await clock.advance(lifetimeMs - refreshAheadMs - 1);
    assert.equal((await get('a')).name, 'first');
    await clock.advance(refreshAheadMs + 1);
    const asked = get('a');
    assert.equal(loads.length, 2);
    loads[1]?.resolve(value('second'));
    assert.equal((await asked).name, 'second');
  });

  it('loads each key on its own', async () => {
    const { fill, get } = createScene();
    await fill('a', 'of a');
    await fill('b', 'of b');
    assert.equal((await get('a')).name, 'of a');
    assert.equal((await get('b')).name, 'of b');
  });

  it('returns a failed load to concurrent calls and does not cache it', async () => {
    const { get, loads, value } = createScene();
    const asked = Promise.allSettled([get('a'), get('a'), get('a')]);
    loads[0]?.reject(new Error('no luck'));
    assert.deepEqual(
      (await asked).map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    const again = get('a');
    assert.equal(loads.length, 2);
    loads[1]?.resolve(value('second'));
    assert.equal((await again).name, 'second');
  });

  it('returns the old value while a refresh runs', async () => {
    const { fill, get, loads, clock, value } = createScene();
    await fill('a', 'first');
    await clock.advance(lifetimeMs - refreshAheadMs);
    const names = await Promise.all([get('a'), get('a'), get('a')]);
    assert.deepEqual(
      names.map(({ name }) => name),
      ['first', 'first', 'first'],
    );
    assert.equal(loads.length, 2);
    loads[1]?.resolve(value('second'));
    await complete();
    assert.equal((await get('a')).name, 'second');
    assert.equal(loads.length, 2);
  });

  it('waits for a running refresh once the old value has expired', async () => {
    const { fill, get, loads, clock, value } = createScene();
    await fill('a', 'first');
    await clock.advance(lifetimeMs - refreshAheadMs);
    await get('a');
    await clock.advance(refreshAheadMs);
    const late = get('a');
    assert.equal(loads.length, 2);
    loads[1]?.resolve(value('second'));
    assert.equal((await late).name, 'second');
  });

  it('keeps the old value when a refresh fails, and retries half a minute later', async () => {
    const { fill, get, loads, clock } = createScene();
    await fill('a', 'first');
    await clock.advance(lifetimeMs - refreshAheadMs);
    await get('a');
    loads[1]?.reject(new Error('no luck'));
    await complete();
    assert.equal((await get('a')).name, 'first');
    assert.equal(loads.length, 2);
    await clock.advance(30_000);
    assert.equal((await get('a')).name, 'first');
    assert.equal(loads.length, 3);
  });

  it('drops a rejected value unless it was replaced', async () => {
    const { fill, cache, get, loads } = createScene();
    const first = await fill('a', 'first');
    cache.forget('a', first);
    const second = await fill('a', 'second');
    cache.forget('a', first);
    assert.equal(await get('a'), second);
    assert.equal(loads.length, 2);
  });

  it('renews once for concurrent calls and returns the old value meanwhile', async () => {
    const { fill, cache, get, load, loads, value } = createScene();
    await fill('a', 'first');
    const renewed = [cache.renew('a', load), cache.renew('a', load)];
    assert.equal(loads.length, 2);
    assert.equal((await get('a')).name, 'first');
    loads[1]?.resolve(value('second'));
    assert.deepEqual(
      (await Promise.all(renewed)).map(({ name }) => name),
      ['second', 'second'],
    );
    assert.equal((await get('a')).name, 'second');
  });

  it('keeps the old value when renewing fails', async () => {
    const { fill, cache, get, load, loads } = createScene();
    await fill('a', 'first');
    const renewed = cache.renew('a', load);
    loads[1]?.reject(new Error('no luck'));
    await assert.rejects(renewed, { message: 'no luck' });
    assert.equal((await get('a')).name, 'first');
  });

  it('drops the least recently used key beyond its capacity', async () => {
    const { fill, get, loads } = createScene(2);
    await fill('a', 'of a');
    await fill('b', 'of b');
    await get('a');
    await fill('c', 'of c');
    assert.equal((await get('a')).name, 'of a');
    assert.equal(loads.length, 3);
    void get('b');
    assert.equal(loads.length, 4);
  });
});
