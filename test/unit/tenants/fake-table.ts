import { UpstreamError } from '../../../shared/errors.ts';
import type { StoredEntity, Table } from '../../../shared/storage/tables.ts';

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
    list: (partitionKey) =>
      answer(() => [...entities.values()].filter((entity) => entity.partitionKey === partitionKey)),
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
  };
}
