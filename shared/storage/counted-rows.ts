import type { StoredEntity, Table, TableChange, TableEntity } from './tables.ts';

/** The rows of a partition whose number is limited for all instances together. Their keys sort after `!`. */
export interface CountedRows {
  /** False if the partition is full. */
  insert(entity: Omit<TableEntity, 'partitionKey'> & { rowKey: string }): Promise<boolean>;
  /** A missing row is not an error. */
  remove(rowKey: string): Promise<void>;
}

const counterKey = '!count';

/** The counter changes in the transaction of the row. */
export function createCountedRows(table: Table, partitionKey: string, maxRows: number): CountedRows {
  const readCounter = () => table.get(partitionKey, counterKey);

  function toCounterChange(counter: StoredEntity | undefined, count: number): TableChange {
    const entity = { partitionKey, rowKey: counterKey, count: String(count) };
    return counter === undefined ? { kind: 'insert', entity } : { kind: 'replace', entity, etag: counter.etag };
  }

  return {
    async insert(entity) {
      for (;;) {
        const counter = await readCounter();
        const count = toCount(counter);
        if (count >= maxRows) return false;
        const changes: TableChange[] = [
          { kind: 'insert', entity: { ...entity, partitionKey } },
          toCounterChange(counter, count + 1),
        ];
        if (await table.transact(changes)) return true;
      }
    },
    async remove(rowKey) {
      while ((await table.get(partitionKey, rowKey)) !== undefined) {
        const counter = await readCounter();
        const changes: TableChange[] = [
          { kind: 'delete', partitionKey, rowKey },
          toCounterChange(counter, Math.max(0, toCount(counter) - 1)),
        ];
        if (await table.transact(changes)) return;
      }
    },
  };
}

const toCount = (counter: StoredEntity | undefined): number => Number(counter?.count ?? 0) || 0;
