import type { Table } from './tables.ts';

/** A table whose code is loaded with its first use: most calls need none. */
export function openLazily(open: () => Promise<Table>): Table {
  let opened: Promise<Table> | undefined;
  const table = () => {
    opened ??= open();
    return opened;
  };
  return {
    get: async (...keys) => (await table()).get(...keys),
    list: async (...range) => (await table()).list(...range),
    insert: async (entity) => (await table()).insert(entity),
    upsert: async (entity) => (await table()).upsert(entity),
    replace: async (entity, etag) => (await table()).replace(entity, etag),
    delete: async (...keys) => (await table()).delete(...keys),
    transact: async (changes) => (await table()).transact(changes),
  };
}
