import { parseFilter } from '../odata-filter.ts';

export interface Row {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly etag: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** The rows of one table, by partition. */
export interface TableRows {
  get(partitionKey: string, rowKey: string): Row | undefined;
  /** Stores a row, or removes it; returns what undoes the change. */
  set(partitionKey: string, rowKey: string, row: Row | undefined): () => void;
  /** At most `top` rows from a position on that a `$filter` selects, in the order of their keys. */
  find(filter: string, from: { partitionKey: string; rowKey: string }, top: number): Row[];
  all(): Row[];
}

interface Partition {
  readonly rows: Map<string, Row>;
  /** Row keys in order. */
  readonly keys: string[];
}

const filterable = {
  name: 'Entity',
  properties: {
    PartitionKey: { type: 'text', read: ({ partitionKey }: Row) => partitionKey },
    RowKey: { type: 'text', read: ({ rowKey }: Row) => rowKey },
  },
} as const;

export function createTableRows(): TableRows {
  const partitions = new Map<string, Partition>();

  function put(partitionKey: string, rowKey: string, row: Row | undefined): void {
    const partition = partitions.get(partitionKey) ?? { rows: new Map<string, Row>(), keys: [] };
    const isThere = partition.rows.has(rowKey);
    if (row && !isThere) partition.keys.splice(findIndex(partition.keys, rowKey), 0, rowKey);
    if (!row && isThere) partition.keys.splice(findIndex(partition.keys, rowKey), 1);
    if (row) partition.rows.set(rowKey, row);
    else partition.rows.delete(rowKey);
    if (partition.rows.size > 0) partitions.set(partitionKey, partition);
    else partitions.delete(partitionKey);
  }

  const get = (partitionKey: string, rowKey: string) => partitions.get(partitionKey)?.rows.get(rowKey);

  return {
    get,
    all: () => [...partitions.values()].flatMap(({ rows }) => [...rows.values()]),
    set(partitionKey, rowKey, row) {
      const before = get(partitionKey, rowKey);
      put(partitionKey, rowKey, row);
      return () => put(partitionKey, rowKey, before);
    },
    find(filter, from, top) {
      const isWanted = parseFilter(filter || "RowKey ge ''", filterable);
      const wanted = literalOf(filter, 'PartitionKey eq');
      const names = wanted === undefined ? [...partitions.keys()].sort() : [wanted];
      const found: Row[] = [];
      for (const name of names.filter((each) => each >= from.partitionKey)) {
        const first = name === from.partitionKey ? from.rowKey : '';
        const start = [first, literalOf(filter, 'RowKey ge') ?? ''].sort().at(-1) ?? '';
        const range = { start, end: literalOf(filter, 'RowKey lt') };
        found.push(...takeRows(partitions.get(name), range, isWanted, top - found.length));
      }
      return found;
    },
  };
}

/** The text that a member is compared with, where the filter has that comparison once. */
const literalOf = (filter: string, comparison: string): string | undefined =>
  / or /.test(filter)
    ? undefined
    : new RegExp(`${comparison} '((?:[^']|'')*)'`).exec(filter)?.[1]?.replaceAll("''", "'");

function takeRows(
  partition: Partition | undefined,
  { start, end }: { start: string; end: string | undefined },
  isWanted: (row: Row) => boolean,
  top: number,
): Row[] {
  if (partition === undefined) return [];
  const found: Row[] = [];
  for (let index = findIndex(partition.keys, start); found.length < top; index++) {
    const key = partition.keys[index];
    const row = partition.rows.get(key ?? '');
    if (key === undefined || row === undefined || (end !== undefined && key >= end)) break;
    if (isWanted(row)) found.push(row);
  }
  return found;
}

/** The index of the first key that is not below `start`. */
function findIndex(keys: readonly string[], start: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
