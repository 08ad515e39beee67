import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Attempt, createIdempotencyStore, type Entry } from '../../../shared/idempotency/idempotency-store.ts';
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

const kindsOf = (entries: readonly Entry[]) => entries.map(({ kind }) => kind).sort();

describe('IdempotencyStore.begin', () => {
  it('starts a write once when two instances begin it at the same time', async () => {
    const { store, other } = createScene();
    assert.deepEqual(kindsOf(await Promise.all([store.begin(write), other.begin(write)])), ['inProgress', 'started']);
  });

  it('returns a stored response of any length for 24 hours', async () => {
    for (const storedResponse of ['', 'done', randomBytes(200_000).toString('base64')]) {
      const { store, other, clock } = createScene();
      await startedBy(await store.begin(write)).complete(storedResponse);
      await clock.advance(dayMs - 1);
      assert.deepEqual(await other.begin(write), { kind: 'completed', storedResponse });
      await clock.advance(1);
      assert.equal(startedBy(await other.begin(write)).previousAttemptAt, undefined);
    }
  });

  it('reports a mismatch for another request, while the first runs and after it has completed', async () => {
    const { store, other } = createScene();
    const attempt = startedBy(await store.begin(write));
    assert.deepEqual(await other.begin({ ...write, request: 'request-2' }), { kind: 'mismatch' });
    await attempt.complete('done');
    assert.deepEqual(await other.begin({ ...write, request: 'request-2' }), { kind: 'mismatch' });
    assert.equal((await other.begin({ ...write, id: 'id-2' })).kind, 'started');
  });

  it('accepts any request after a write was released', async () => {
    const { store, other } = createScene();
    await startedBy(await store.begin(write)).release();
    assert.equal(startedBy(await other.begin({ ...write, request: 'request-2' })).previousAttemptAt, undefined);
  });

  it('fails as its table does', async () => {
    const { store, table } = createScene();
    table.setDown(true);
    await assert.rejects(store.begin(write), /storage is down/);
  });
});

describe('a write that may have been applied', () => {
  it('keeps the time of the first such attempt, even if a later one was released', async () => {
    const { store, other, clock } = createScene();
    const startedAt = clock.now();
    await startedBy(await store.begin(write)).markUncertain();
    await clock.advance(minuteMs);
    const second = startedBy(await other.begin(write));
    assert.equal(second.previousAttemptAt, startedAt);
    await second.release();
    await clock.advance(minuteMs);
    const third = startedBy(await store.begin(write));
    assert.equal(third.previousAttemptAt, startedAt);
    await third.complete('done');
    assert.deepEqual(await other.begin(write), { kind: 'completed', storedResponse: 'done' });
  });

  it('keeps the id of the entity that it creates', async () => {
    const { store, other, clock } = createScene();
    const first = startedBy(await store.begin(write));
    assert.match(first.entityId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await first.markUncertain();
    await clock.advance(minuteMs);
    assert.equal(startedBy(await other.begin(write)).entityId, first.entityId);
    assert.notEqual(startedBy(await other.begin({ ...write, id: 'id-2' })).entityId, first.entityId);
  });

  it('still belongs to its request', async () => {
    const { store, other } = createScene();
    await startedBy(await store.begin(write)).markUncertain();
    assert.deepEqual(await other.begin({ ...write, request: 'request-2' }), { kind: 'mismatch' });
  });
});

describe('a write whose instance crashed', () => {
  it('starts again after five minutes on one instance, as one that may have been applied', async () => {
    const { store, other, clock } = createScene();
    const startedAt = clock.now();
    await store.begin(write);
    await clock.advance(5 * minuteMs - 1);
    assert.equal((await other.begin(write)).kind, 'inProgress');
    await clock.advance(1);
    const entries = await Promise.all([store.begin(write), other.begin(write)]);
    assert.deepEqual(kindsOf(entries), ['inProgress', 'started']);
    assert.equal(entries.find((entry) => entry.kind === 'started')?.previousAttemptAt, startedAt);
  });

  it('ignores an instance that was slow rather than gone', async () => {
    const { store, other, clock } = createScene();
    const late = startedBy(await store.begin(write));
    await clock.advance(5 * minuteMs);
    const attempt = startedBy(await other.begin(write));
    await late.release();
    await late.complete('late');
    assert.equal((await store.begin(write)).kind, 'inProgress');
    await attempt.complete('in time');
    assert.deepEqual(await store.begin(write), { kind: 'completed', storedResponse: 'in time' });
  });
});
