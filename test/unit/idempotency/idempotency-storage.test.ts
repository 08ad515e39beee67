import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Attempt, createIdempotencyStore, type Entry } from '../../../shared/idempotency/idempotency-store.ts';
import { unpackText } from '../../../shared/storage/packed-members.ts';
import { createStateKeys } from '../../../shared/tokens/state-key.ts';
import { createStateProtection } from '../../../shared/tokens/state-protection.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const write = { id: 'id-1', request: 'request-1' };

const protection = createStateProtection(undefined);

/** Two instances of the app over one table. */
function createScene() {
  const clock = createFakeClock();
  const table = createFakeTable();
  const store = createIdempotencyStore({ table, clock, protection });
  const other = createIdempotencyStore({ table, clock, protection });
  return { clock, table, store, other };
}

function startedBy(entry: Entry): Attempt {
  assert.equal(entry.kind, 'started');
  return entry;
}

describe('a storage response that is lost', () => {
  it('does not keep a write from starting', async () => {
    const { store, other, table } = createScene();
    table.injectFault({ when: 'after', method: 'insert' });
    const attempt = startedBy(await store.begin(write));
    assert.equal(attempt.previousAttemptAt, undefined);
    await attempt.complete('done');
    assert.deepEqual(await other.begin(write), { kind: 'completed', storedResponse: 'done' });
  });

  it('does not keep a write that may have been applied from starting again', async () => {
    const { store, table, clock } = createScene();
    const startedAt = clock.now();
    await startedBy(await store.begin(write)).markUncertain();
    table.injectFault({ when: 'after', method: 'replace' });
    assert.equal(startedBy(await store.begin(write)).previousAttemptAt, startedAt);
  });

  it('does not lose the response of the write', async () => {
    const { store, other, table } = createScene();
    const attempt = startedBy(await store.begin(write));
    table.injectFault({ when: 'after', method: 'transact' });
    await attempt.complete('done');
    assert.deepEqual(await other.begin(write), { kind: 'completed', storedResponse: 'done' });
  });
});

describe('a stored response', () => {
  const value = Buffer.alloc(32, 7).toString('base64');
  const keys = {
    name: 'state-key',
    request: async () => ({ value, version: 'v1', createdAt: undefined, expiresAt: undefined }),
    clock: createFakeClock(),
    getGeneration: async () => '',
  };

  it('is encrypted for its write under the state key', async () => {
    const [clock, table] = [createFakeClock(), createFakeTable()];
    const store = createIdempotencyStore({ table, clock, protection: createStateProtection(createStateKeys(keys)) });
    await startedBy(await store.begin(write)).complete('canary');
    assert.deepEqual(await store.begin(write), { kind: 'completed', storedResponse: 'canary' });

    const [row] = await table.list(write.id);
    assert.ok(typeof row?.text === 'string');
    const stored = unpackText([row.text]);
    assert.doesNotMatch(stored, /canary/);
    const own = await startedBy(await store.begin({ ...write, id: 'id-2' }));
    await own.complete('other');
    const [other] = await table.list('id-2');
    await table.upsert({ ...row, partitionKey: 'id-2', rowKey: other?.rowKey ?? '' });
    await assert.rejects(store.begin({ ...write, id: 'id-2' }), TypeError);
  });
});

describe('IdempotencyStore.removeOld', () => {
  it('removes writes after 24 hours and keeps the others', async () => {
    const { store, table, clock } = createScene();
    await startedBy(await store.begin(write)).complete('old');
    await clock.advance(dayMs - minuteMs);
    await startedBy(await store.begin({ ...write, id: 'id-2' })).complete('young');
    await clock.advance(minuteMs);
    await store.removeOld(Number.POSITIVE_INFINITY);
    assert.deepEqual(await table.list('id-1'), []);
    assert.deepEqual(
      (await table.list('write')).map(({ rowKey }) => rowKey),
      ['id-2'],
    );
    assert.deepEqual(await store.begin({ ...write, id: 'id-2' }), { kind: 'completed', storedResponse: 'young' });
  });

  it('removes every write, however many there are', async () => {
    const { store, table, clock } = createScene();
    for (let id = 0; id < 1001; id++) await store.begin({ ...write, id: `id-${id}` });
    await clock.advance(dayMs);
    await store.removeOld(Number.POSITIVE_INFINITY);
    assert.deepEqual(await table.list('write'), []);
  });

  it('stops at its deadline', async () => {
    const { store, table, clock } = createScene();
    for (let id = 0; id < 501; id++) await store.begin({ ...write, id: `id-${String(id).padStart(3, '0')}` });
    await clock.advance(dayMs);
    const list = table.list.bind(table);
    table.list = async (...range) => {
      const rows = await list(...range);
      if (range[0] === 'write') await clock.advance(1);
      return rows;
    };
    await store.removeOld(clock.now() + 1);
    assert.equal((await list('write')).length, 1);
  });

  it('keeps a write that has begun again', async () => {
    const { store, table, clock } = createScene();
    await startedBy(await store.begin(write)).complete('old');
    await clock.advance(dayMs);
    const list = table.list.bind(table);
    table.list = async (partitionKey, range) => {
      const rows = await list(partitionKey, range);
      if (partitionKey === 'write') await store.begin(write);
      return rows;
    };
    await store.removeOld(Number.POSITIVE_INFINITY);
    assert.equal((await list('write')).length, 1);
  });
});
