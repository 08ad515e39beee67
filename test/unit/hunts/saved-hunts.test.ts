import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxSavedHunts, nextRun } from '../../../shared/hunts/saved-hunts.ts';
import { createHuntScene } from './saved-hunt-scene.ts';

describe('saved hunts', () => {
  it('list themselves page by page, oldest first', async () => {
    const { add, hunts, clock, table, listAll } = createHuntScene();
    const ids: string[] = [];
    for (let count = 0; count < 120; count++) {
      ids.push((await add()).id);
      await clock.advance(1);
    }
    const { hunts: page, nextId } = await hunts.listPage(50);
    assert.deepEqual([page.map(({ id }) => id), nextId], [ids.slice(0, 50), ids[50]]);
    const last = await hunts.listPage(50, ids[100]);
    assert.deepEqual([last.hunts.map(({ id }) => id), last.nextId], [ids.slice(100), undefined]);
    // Memory: no call reads more than a page.
    const listed: number[] = [];
    const { list } = table;
    table.list = async (...range) => {
      const rows = await list(...range);
      listed.push(rows.length);
      return rows;
    };
    await hunts.listPage(1);
    const all = await listAll();
    assert.deepEqual(
      all.map(({ id }) => id),
      ids,
    );
    assert.ok(Math.max(...listed) <= 51, listed.join());
    assert.equal(listed[0], 2);
  });

  it('have a limit of 500, also when two are added at the same time', async () => {
    const { add, hunts, listAll } = createHuntScene();
    const added = await Promise.all(Array.from({ length: maxSavedHunts - 1 }, () => add()));
    const last = await Promise.allSettled([add(), add()]);
    assert.deepEqual(last.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await assert.rejects(add(), { name: 'RequestError', status: 409, code: 'LimitReached' });
    await hunts.remove(added[0]?.id ?? '');
    await hunts.remove(added[0]?.id ?? '');
    await add();
    await assert.rejects(add(), { code: 'LimitReached' });
    assert.equal((await listAll()).length, maxSavedHunts);
  });

  it('list only those that the caller can see, in full pages', async () => {
    const { add, hunts, clock } = createHuntScene();
    const own: string[] = [];
    for (let count = 0; count < 130; count++) {
      const createdBy = count % 3 === 0 ? 'own' : 'another';
      const { id } = await add({ createdBy });
      if (createdBy === 'own') own.push(id);
      await clock.advance(1);
    }
    const canSee = (createdBy: string) => createdBy === 'own';
    const { hunts: page, nextId } = await hunts.listPage(20, undefined, canSee);
    const rest = await hunts.listPage(100, nextId, canSee);
    assert.equal(page.length, 20);
    assert.deepEqual(
      [...page, ...rest.hunts].map(({ id }) => id),
      own,
    );
    assert.equal(rest.nextId, undefined);
  });

  it('leave out a row that cannot be read', async () => {
    const { add, hunts, table } = createHuntScene();
    const { id } = await add();
    for (const row of [{}, { text0: 'junk' }]) {
      await table.upsert({ partitionKey: 'hunt', rowKey: id, ...row });
      assert.equal(await hunts.get(id), undefined);
      assert.deepEqual(await hunts.listPage(10), { hunts: [], nextId: undefined });
    }
  });
});

describe('schedule', () => {
  it('throws without a future occurrence', () => {
    assert.throws(() => nextRun('0 0 0 31 2 *', 0), /no future occurrence/);
    assert.throws(() => nextRun('x', 0), /fields/);
  });
});
