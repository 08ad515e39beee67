import { UpstreamError } from '../../../shared/errors.ts';
import { maxChanges, type StoredEntity, type Table, type TableChange } from '../../../shared/storage/tables.ts';

interface FakeTable extends Table {
  /** How often it was asked for anything. */
  calls(): number;
  /** From now on nothing is answered, or is again. */
  setDown(isDown: boolean): void;
}

/** A table in memory, with ETags. */
export function createFakeTable(): FakeTable {
  const entities = new Map<string, StoredEntity>();
  const keyOf = (partitionKey: string, rowKey: string) => `${partitionKey}/${rowKey}`;
  let version = 0;
  let calls = 0;
  let isDown = false;

  async function answer<T>(action: () => T): Promise<T> {
    calls++;
    if (isDown) throw new UpstreamError('The storage is down.', { service: 'storage', failure: 'connection' });
    return action();
  }

  const store = (entity: { partitionKey: string; rowKey: string }) => {
    const etag = String(++version);
    entities.set(keyOf(entity.partitionKey, entity.rowKey), { ...entity, etag });
  };

  return {
    calls: () => calls,
    setDown(down) {
      isDown = down;
    },
    get: (partitionKey, rowKey) => answer(() => entities.get(keyOf(partitionKey, rowKey))),
    list: (partitionKey, { from = '', before, top } = {}) =>
      answer(() =>
        [...entities.values()]
          .filter(
            ({ partitionKey: own, rowKey }) =>
              own === partitionKey && rowKey >= from && (before === undefined || rowKey < before),
          )
          .sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1))
          .slice(0, top),
      ),
    insert: (entity) =>
      answer(() => {
        if (entities.has(keyOf(entity.partitionKey, entity.rowKey))) return false;
        store(entity);
        return true;
      }),
    upsert: (entity) => answer(() => store(entity)),
    replace: (entity, etag) =>
      answer(() => {
        if (entities.get(keyOf(entity.partitionKey, entity.rowKey))?.etag !== etag) return false;
        store(entity);
        return true;
      }),
    delete: (partitionKey, rowKey, etag) =>
      answer(() => {
        const key = keyOf(partitionKey, rowKey);
        if (etag !== undefined && entities.get(key)?.etag !== etag) return false;
        entities.delete(key);
        return true;
      }),
    transact: (changes) =>
      answer(() => {
        checkTransaction(changes);
        if (!changes.every(isPossible)) return false;
        for (const change of changes) {
          if (change.kind === 'delete') entities.delete(keyOf(change.partitionKey, change.rowKey));
          else store(change.entity);
        }
        return true;
      }),
  };

  function isPossible(change: TableChange): boolean {
    const { partitionKey, rowKey } = change.kind === 'delete' ? change : change.entity;
    const found = entities.get(keyOf(partitionKey, rowKey));
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

/** What the service refuses altogether. */
function checkTransaction(changes: readonly TableChange[]): void {
  const keys = changes.map((change) => (change.kind === 'delete' ? change : change.entity));
  const partitions = new Set(keys.map(({ partitionKey }) => partitionKey));
  const rows = new Set(keys.map(({ rowKey }) => rowKey));
  if (changes.length > maxChanges || partitions.size > 1 || rows.size < changes.length)
    throw new TypeError('A transaction is of at most 100 different rows of one partition');
}
