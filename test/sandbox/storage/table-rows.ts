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
  /** Rows that a `$filter` selects, in the order of their keys. */
  find(filter: string | null): Row[];
  all(): Row[];
}

const filterable = {
  name: 'Entity',
  properties: {
    PartitionKey: { type: 'text', read: ({ partitionKey }: Row) => partitionKey },
    RowKey: { type: 'text', read: ({ rowKey }: Row) => rowKey },
  },
} as const;

export function createTableRows(): TableRows {
  const partitions = new Map<string, Map<string, Row>>();

  function put(partitionKey: string, rowKey: string, row: Row | undefined): void {
    const partition = partitions.get(partitionKey) ?? new Map<string, Row>();
    partitions.set(partitionKey, partition);
    if (row) partition.set(rowKey, row);
    else partition.delete(rowKey);
    if (partition.size === 0) partitions.delete(partitionKey);
  }

  const get = (partitionKey: string, rowKey: string) => partitions.get(partitionKey)?.get(rowKey);
  const all = () => [...partitions.values()].flatMap((partition) => [...partition.values()]);

  return {
    get,
    all,
    set(partitionKey, rowKey, row) {
      const before = get(partitionKey, rowKey);
      put(partitionKey, rowKey, row);
      return () => put(partitionKey, rowKey, before);
    },
    find(filter) {
      if (!filter) return all().sort(byKeys);
      const partitionKey = /PartitionKey eq '((?:[^']|'')*)'/.exec(filter)?.[1]?.replaceAll("''", "'");
      const candidates = partitionKey === undefined ? all() : [...(partitions.get(partitionKey)?.values() ?? [])];
      return candidates.filter(parseFilter(filter, filterable)).sort(byKeys);
    },
  };
}

function byKeys(a: Row, b: Row): number {
  if (a.partitionKey !== b.partitionKey) return a.partitionKey < b.partitionKey ? -1 : 1;
  return a.rowKey < b.rowKey ? -1 : 1;
}
