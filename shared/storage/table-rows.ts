import type { TransactionAction } from '@azure/data-tables';
import type { RowRange, StoredEntity, TableChange } from './tables.ts';

/** Names a write, so that its author recognizes it after a lost response. */
export interface Write {
  writeId: string;
}

export function toFilter(partitionKey: string, { from, before }: RowRange): string {
  const conditions = [`PartitionKey eq ${quote(partitionKey)}`];
  if (from !== undefined) conditions.push(`RowKey ge ${quote(from)}`);
  if (before !== undefined) conditions.push(`RowKey lt ${quote(before)}`);
  return conditions.join(' and ');
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export function toAction(change: TableChange, write: Write): TransactionAction {
  switch (change.kind) {
    case 'insert':
      return ['create', { ...change.entity, ...write }];
    case 'upsert':
      return ['upsert', { ...change.entity, ...write }, 'Replace'];
    case 'replace':
      return ['update', { ...change.entity, ...write }, 'Replace', { etag: change.etag }];
    case 'delete':
      return ['delete', { partitionKey: change.partitionKey, rowKey: change.rowKey }];
  }
}

/** Without the members that the service and `Write` add. */
export function toStored(found: Record<string, unknown>): StoredEntity {
  const { etag, partitionKey, rowKey, timestamp, writeId, ...members } = found;
  const own = Object.entries(members).filter(
    (member): member is [string, string | boolean] =>
      !member[0].startsWith('odata.') && ['string', 'boolean'].includes(typeof member[1]),
  );
  return {
    ...Object.fromEntries(own),
    partitionKey: String(partitionKey),
    rowKey: String(rowKey),
    etag: String(etag),
  };
}
