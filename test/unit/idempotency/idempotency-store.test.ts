import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { createIdempotencyStore, type Entry } from '../../../shared/idempotency/idempotency-store.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const write = { id: 'id-1', request: 'request-1' };

/** Two instances of the app over one table. */
function createScene() {
  const clock = createFakeClock();
  const table = createFakeTable();
  const ledger = createIdempotencyStore(table, clock);
  const other = createIdempotencyStore(table, clock);
  return { clock, table, ledger, other };
}

function claimOf(entry: Entry) {
  assert.equal(entry.kind, 'claimed');
  return entry;
}

describe('a write', () => {
  test('is the claim of whoever comes first', async () => {
    const { ledger, other } = createScene();
    const entries = await Promise.all([ledger.begin(write), other.begin(write)]);
    assert.deepEqual(entries.map(({ kind }) => kind).sort(), ['claimed', 'running']);
  });

  test('keeps its outcome for a day, whatever its length', async () => {
    for (const outcome of ['', 'done', randomBytes(200_000).toString('base64')]) {
      const { ledger, other, clock } = createScene();
      await claimOf(await ledger.begin(write)).complete(outcome);
      await clock.advance(dayMs - 1);
      assert.deepEqual(await other.begin(write), { kind: 'settled', outcome });
      await clock.advance(1);
      assert.equal(claimOf(await other.begin(write)).previousAttemptAt, undefined);
    }
  });

  test('is another one with another request', async () => {
    const { ledger, other } = createScene();
    const claim = claimOf(await ledger.begin(write));
    assert.equal((await other.begin({ ...write, request: 'request-2' })).kind, 'reused');
    await claim.complete('done');
    assert.equal((await other.begin({ ...write, request: 'request-2' })).kind, 'reused');
    assert.equal((await other.begin({ ...write, id: 'id-2' })).kind, 'claimed');
  });

  test('that was released was never asked for', async () => {
    const { ledger, other } = createScene();
    await claimOf(await ledger.begin(write)).release();
    assert.equal(claimOf(await other.begin({ ...write, request: 'request-2' })).previousAttemptAt, undefined);
  });

  test('that may have been done is known to be so from then on', async () => {
    const { ledger, other, clock } = createScene();
    const startedAt = clock.now();
    await claimOf(await ledger.begin(write)).markUncertain();
    await clock.advance(minuteMs);
    const second = claimOf(await other.begin(write));
    assert.equal(second.previousAttemptAt, startedAt);
    await second.release();
    await clock.advance(minuteMs);
    const third = claimOf(await ledger.begin(write));
    assert.equal(third.previousAttemptAt, startedAt);
    await third.complete('done');
    assert.deepEqual(await other.begin(write), { kind: 'settled', outcome: 'done' });
  });
});

describe('a write whose owner died', () => {
  test('is taken over after five minutes, by one, as one that may have been done', async () => {
    const { ledger, other, clock } = createScene();
    const startedAt = clock.now();
    await ledger.begin(write);
    await clock.advance(5 * minuteMs - 1);
    assert.equal((await other.begin(write)).kind, 'running');
    await clock.advance(1);
    const entries = await Promise.all([ledger.begin(write), other.begin(write)]);
    const claim = entries.find((entry) => entry.kind === 'claimed');
    assert.deepEqual(
      [claim?.previousAttemptAt, entries.filter(({ kind }) => kind === 'running').length],
      [startedAt, 1],
    );
  });

  test('who is not dead after all changes nothing any more', async () => {
    const { ledger, other, clock } = createScene();
    const late = claimOf(await ledger.begin(write));
    await clock.advance(5 * minuteMs);
    const claim = claimOf(await other.begin(write));
    await late.release();
    await late.complete('late');
    assert.equal((await ledger.begin(write)).kind, 'running');
    await claim.complete('in time');
    assert.deepEqual(await ledger.begin(write), { kind: 'settled', outcome: 'in time' });
  });
});

describe('the ledger', () => {
  test('removes what is a day old, and keeps the rest', async () => {
    const { ledger, table, clock } = createScene();
    await claimOf(await ledger.begin(write)).complete('old');
    await clock.advance(dayMs - minuteMs);
    await claimOf(await ledger.begin({ ...write, id: 'id-2' })).complete('young');
    await clock.advance(minuteMs);
    await ledger.removeOld();
    assert.deepEqual(
      [await table.list('id-1'), (await table.list('write')).map(({ rowKey }) => rowKey)],
      [[], ['id-2']],
    );
    assert.deepEqual(await ledger.begin({ ...write, id: 'id-2' }), { kind: 'settled', outcome: 'young' });
  });

  test('fails as its table does', async () => {
    const { ledger, table } = createScene();
    table.setDown(true);
    await assert.rejects(ledger.begin(write), /storage is down/);
  });
});
