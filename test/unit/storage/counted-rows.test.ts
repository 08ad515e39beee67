import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCountedRows } from '../../../shared/storage/counted-rows.ts';
import { createFakeTable } from './fake-table.ts';

describe('counted rows', () => {
  it('accept no more rows than their limit, across instances', async () => {
    const table = createFakeTable();
    const instances = [1, 2].map(() => createCountedRows(table, 'p', 3));
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) => instances[index % 2]?.insert({ rowKey: `r${index}` })),
    );
    assert.equal(results.filter(Boolean).length, 3);
    assert.equal((await table.list('p', { from: 'r' })).length, 3);
  });

  it('accept another row for each that is removed, once', async () => {
    const table = createFakeTable();
    const rows = createCountedRows(table, 'p', 1);
    assert.equal(await rows.insert({ rowKey: 'a' }), true);
    await Promise.all([rows.remove('a'), rows.remove('a')]);
    await rows.remove('a');
    assert.equal(await rows.insert({ rowKey: 'b' }), true);
    assert.equal(await rows.insert({ rowKey: 'c' }), false);
  });

  it('restart the count when the counter cannot be read', async () => {
    const table = createFakeTable();
    const rows = createCountedRows(table, 'p', 1);
    await table.upsert({ partitionKey: 'p', rowKey: '!count', count: 'junk' });
    assert.equal(await rows.insert({ rowKey: 'a' }), true);
    assert.equal(await rows.insert({ rowKey: 'b' }), false);
  });
});
