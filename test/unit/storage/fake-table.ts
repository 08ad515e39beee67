import { maxChanges, type StoredEntity, type Table, type TableChange } from '../../../shared/storage/tables.ts';
import { createFaults, type Faulty } from './faults.ts';

interface FakeTable extends Table, Faulty<keyof Table> {
  /** Calls so far, of any method. */
  calls(): number;
}

/** A table in memory, with ETags. */
export function createFakeTable(): FakeTable {
  const entities = new Map<string, StoredEntity>();
  /** The same by partition: a test may have many of them. */
  const partitions = new Map<string, Map<string, StoredEntity>>();
  const { run, injectFault, setDown } = createFaults<keyof Table>();
  let version = 0;
  let calls = 0;

  function answer<T>(method: keyof Table, keys: readonly string[], action: () => T): Promise<T> {
    calls++;
    return run(method, keys, action);
  }

  const store = (entity: { partitionKey: string; rowKey: string }) => {
    if (invalidKey.test(entity.partitionKey + entity.rowKey))
      throw new TypeError('A key contains an invalid character');
    const etag = String(++version);
    const stored = { ...entity, etag };
    entities.set(keyOf(entity), stored);
    const rows = partitions.get(entity.partitionKey) ?? new Map<string, StoredEntity>();
    partitions.set(entity.partitionKey, rows.set(entity.rowKey, stored));
  };

  const discard = ({ partitionKey, rowKey }: RowKeys) => {
    entities.delete(keyOf({ partitionKey, rowKey }));
    partitions.get(partitionKey)?.delete(rowKey);
  };

  return {
    calls: () => calls,
    injectFault,
    setDown,
    get(partitionKey, rowKey) {
      const key = keyOf({ partitionKey, rowKey });
      return answer('get', [key], () => entities.get(key));
    },
    list: (partitionKey, { from = '', before, top } = {}) =>
      answer('list', [partitionKey], () =>
        [...(partitions.get(partitionKey)?.values() ?? [])]
          .filter(({ rowKey }) => rowKey >= from && (before === undefined || rowKey < before))
          .sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1))
          .slice(0, top),
      ),
    insert: (entity) =>
      answer('insert', [keyOf(entity)], () => {
        if (entities.has(keyOf(entity))) return false;
        store(entity);
        return true;
      }),
    upsert: (entity) => answer('upsert', [keyOf(entity)], () => store(entity)),
    replace: (entity, etag) =>
      answer('replace', [keyOf(entity)], () => {
        if (entities.get(keyOf(entity))?.etag !== etag) return false;
        store(entity);
        return true;
      }),
    delete(partitionKey, rowKey, etag) {
      const key = keyOf({ partitionKey, rowKey });
      return answer('delete', [key], () => {
        if (etag !== undefined && entities.get(key)?.etag !== etag) return false;
        discard({ partitionKey, rowKey });
        return true;
      });
    },
    transact: (changes) =>
      answer(
        'transact',
        changes.map((change) => keyOf(rowOf(change))),
        () => {
          checkTransaction(changes);
          if (!changes.every(isPossible)) return false;
          for (const change of changes) {
            if (change.kind === 'delete') discard(change);
            else store(change.entity);
          }
          return true;
        },
      ),
  };

  function isPossible(change: TableChange): boolean {
    const found = entities.get(keyOf(rowOf(change)));
    switch (change.kind) {
      case 'insert':
        return found === undefined;
      case 'upsert':
        return true;
      case 'replace':
        return found?.etag === change.etag;
      case 'delete':
        return found !== undefined;
    }
  }
}

interface RowKeys {
  partitionKey: string;
  rowKey: string;
}

const keyOf = ({ partitionKey, rowKey }: RowKeys): string => `${partitionKey}/${rowKey}`;
const rowOf = (change: TableChange): RowKeys => (change.kind === 'delete' ? change : change.entity);

/** https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model */
const invalidKey = /[/\\#?\p{Cc}]/u;

/** What the service rejects altogether. */
function checkTransaction(changes: readonly TableChange[]): void {
  const keys = changes.map(rowOf);
  const partitions = new Set(keys.map(({ partitionKey }) => partitionKey));
  const rows = new Set(keys.map(({ rowKey }) => rowKey));
  if (changes.length > maxChanges || partitions.size > 1 || rows.size < changes.length)
    throw new TypeError('A transaction has at most 100 changes, of different rows of one partition');
}
