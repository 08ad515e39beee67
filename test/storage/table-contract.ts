import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTable } from '../../shared/storage/open-table.ts';
import { maxChanges, type RowRange, type TableChange } from '../../shared/storage/tables.ts';
import type { TestAccount } from './test-account.ts';

export function testTables({ name, account, managedIdentity, platform }: TestAccount): void {
  let tables = 0;
  const newTable = (name = `table${++tables}`) => openTable({ name, account, managedIdentity, platform });
  const entity = (rowKey: string, text = '') => ({ partitionKey: 'p', rowKey, text, isTrue: true });

  describe(`a table of ${name}`, () => {
    it('reads as empty before it exists, and creates itself for the first write', async () => {
      const table = await newTable();
      assert.equal(await table.get('p', 'a'), undefined);
      assert.deepEqual(await table.list('p'), []);
      assert.equal(await table.delete('p', 'a'), true);
      assert.equal(await table.insert(entity('a')), true);
      await (await newTable()).upsert(entity('a'));
    });

    it('returns the members that were stored, without those of the service', async () => {
      const table = await newTable();
      await table.insert({ ...entity('a', "O'Brien ü\n"), absent: undefined });
      const { etag, ...found } = (await table.get('p', 'a')) ?? assert.fail('It is not there');
      assert.deepEqual(found, entity('a', "O'Brien ü\n"));
      assert.ok(etag);
    });

    it('inserts an entity once', async () => {
      const table = await newTable();
      assert.equal(await table.insert(entity('a', 'first')), true);
      assert.equal(await table.insert(entity('a', 'second')), false);
      assert.equal((await table.get('p', 'a'))?.text, 'first');
      await table.upsert(entity('a', 'third'));
      assert.equal((await table.get('p', 'a'))?.text, 'third');
    });

    it('replaces and deletes only the version that was read', async () => {
      const table = await newTable();
      await table.insert(entity('a', 'first'));
      const { etag = '' } = (await table.get('p', 'a')) ?? {};
      assert.equal(await table.replace(entity('a', 'second'), etag), true);
      assert.equal(await table.replace(entity('a', 'third'), etag), false);
      assert.equal(await table.delete('p', 'a', etag), false);
      assert.equal((await table.get('p', 'a'))?.text, 'second');
      assert.equal(await table.delete('p', 'a', (await table.get('p', 'a'))?.etag), true);
      assert.equal(await table.delete('p', 'a', etag), false);
      assert.equal(await table.replace(entity('a'), etag), false);
      assert.equal(await table.delete('p', 'a'), true);
    });

    it('lists a partition across pages, without other partitions', async () => {
      const table = await newTable();
      const keys = Array.from({ length: 1_050 }, (_, index) => String(index).padStart(4, '0'));
      await table.insert({ partitionKey: "it's another", rowKey: 'x' });
      for (let from = 0; from < keys.length; from += 50) {
        await Promise.all(keys.slice(from, from + 50).map((rowKey) => table.insert(entity(rowKey))));
      }
      assert.deepEqual(
        (await table.list('p')).map(({ rowKey }) => rowKey),
        keys,
      );
      assert.equal((await table.list("it's another")).length, 1);
    });
  });

  describe(`a range of a table of ${name}`, () => {
    it('runs from one row key up to another and ends at its limit', async () => {
      const table = await newTable();
      for (const rowKey of ['a', 'b', 'c', 'd']) await table.insert(entity(rowKey));
      const keysOf = async (range: RowRange) => (await table.list('p', range)).map(({ rowKey }) => rowKey);
      assert.deepEqual(await keysOf({ from: 'b', before: 'd' }), ['b', 'c']);
      assert.deepEqual(await keysOf({ from: 'c' }), ['c', 'd']);
      assert.deepEqual(await keysOf({ before: 'c', top: 1 }), ['a']);
    });
  });

  describe(`a transaction of ${name}`, () => {
    it('creates the table and applies all changes', async () => {
      const table = await newTable();
      assert.equal(await table.transact([{ kind: 'insert', entity: entity('a', 'first') }]), true);
      const { etag = '' } = (await table.get('p', 'a')) ?? {};
      const changes: TableChange[] = [
        { kind: 'replace', entity: entity('a', 'second'), etag },
        { kind: 'upsert', entity: entity('b') },
        { kind: 'insert', entity: entity('c') },
      ];
      assert.equal(await table.transact(changes), true);
      assert.equal(await table.transact([{ kind: 'delete', partitionKey: 'p', rowKey: 'c' }]), true);
      const found = await table.list('p');
      assert.deepEqual(
        found.map(({ rowKey, text }) => [rowKey, text]),
        [
          ['a', 'second'],
          ['b', ''],
        ],
      );
    });

    it('applies no change when one of them is not possible', async () => {
      const table = await newTable();
      await table.insert(entity('a', 'first'));
      const { etag = '' } = (await table.get('p', 'a')) ?? {};
      await table.upsert(entity('a', 'second'));
      const impossible: TableChange[] = [
        { kind: 'insert', entity: entity('a') },
        { kind: 'replace', entity: entity('a'), etag },
        { kind: 'replace', entity: entity('gone'), etag },
        { kind: 'delete', partitionKey: 'p', rowKey: 'gone' },
      ];
      for (const change of impossible) {
        assert.equal(await table.transact([{ kind: 'insert', entity: entity('b') }, change]), false);
        assert.deepEqual(
          (await table.list('p')).map(({ rowKey, text }) => [rowKey, text]),
          [['a', 'second']],
        );
      }
    });

    it('accepts one hundred changes, and none', async () => {
      const table = await newTable();
      const changes = Array.from({ length: maxChanges }, (_, index) => ({
        kind: 'insert' as const,
        entity: entity(String(index)),
      }));
      assert.equal(await table.transact(changes), true);
      assert.equal((await table.list('p')).length, maxChanges);
      assert.equal(await table.transact([]), true);
    });
  });
}
