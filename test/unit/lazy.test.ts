import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lazy, lazyObject } from '../../shared/lazy.ts';

describe('lazy', () => {
  it('loads once for concurrent and later calls', async () => {
    let loads = 0;
    const open = lazy(async () => ++loads);
    assert.deepEqual(await Promise.all([open(), open()]), [1, 1]);
    assert.equal(await open(), 1);
  });

  it('repeats a failed load at the next call', async () => {
    let loads = 0;
    const open = lazy(async () => {
      if (++loads === 1) throw new Error('no disk');
      return loads;
    });
    await assert.rejects(open(), { message: 'no disk' });
    assert.equal(await open(), 2);
  });
});

describe('lazyObject', () => {
  it('loads with the first call of a method and keeps `this`', async () => {
    let loads = 0;
    class Counter {
      private count = ++loads;
      async next(by: number) {
        this.count += by;
        return this.count;
      }
    }
    const counter = lazyObject<Pick<Counter, 'next'>>(async () => new Counter());
    assert.equal(loads, 0);
    assert.equal(await counter.next(2), 3);
    assert.equal(await counter.next(2), 5);
    assert.equal(loads, 1);
  });

  it('is not a promise', async () => {
    const object = lazyObject<{ run(): Promise<string> }>(async () => ({ run: async () => 'done' }));
    assert.equal(await (await object).run(), 'done');
  });
});
