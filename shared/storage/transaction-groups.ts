import { maxChanges, type TableChange } from './tables.ts';

/** A transaction takes 4 MiB, its own framing included. */
const maxBytes = 3_500_000;

interface HasChanges {
  readonly changes: readonly TableChange[];
}

/** Groups items so that the changes of each group fit into one transaction that has `reserved` rows more. Keeps the order. */
export function groupByTransaction<T extends HasChanges>(items: readonly T[], reserved = 0): T[][] {
  const groups: T[][] = [];
  let rows = 0;
  let bytes = 0;
  for (const item of items) {
    const size = JSON.stringify(item.changes).length;
    rows += item.changes.length;
    bytes += size;
    if (groups.length === 0 || rows + reserved > maxChanges || bytes > maxBytes) {
      groups.push([]);
      rows = item.changes.length;
      bytes = size;
    }
    groups.at(-1)?.push(item);
  }
  return groups;
}
