/** Two keys, and members. Instants are stored as ISO 8601 text: the service has no integers that large in JSON. */
export interface TableEntity {
  partitionKey: string;
  rowKey: string;
  [member: string]: string | boolean | undefined;
}

/** With the ETag that guards a later change. */
export type StoredEntity = TableEntity & { etag: string };

/** Rows from one row key up to, not including, another; at most `top` of them, in the order of their row keys. */
export interface RowRange {
  from?: string | undefined;
  before?: string | undefined;
  top?: number | undefined;
}

/** One change of a transaction. `insert` requires that the row does not exist, `delete` that it exists, `replace` its ETag. */
export type TableChange =
  | { kind: 'insert' | 'upsert'; entity: TableEntity }
  | { kind: 'replace'; entity: TableEntity; etag: string }
  | { kind: 'delete'; partitionKey: string; rowKey: string };

/** The service's limit for one transaction, beside 4 MiB. */
export const maxChanges = 100;

/**
 * A table of the storage account, created by its first row. Every failure is an `UpstreamError` of `storage`. A conditional write whose
 * response is lost is repeated only to find out whether it was applied.
 */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredEntity | undefined>;
  /** A partition, or a range of it, in the order of the row keys. */
  list(partitionKey: string, range?: RowRange): Promise<StoredEntity[]>;
  /** False if the row exists. */
  insert(entity: TableEntity): Promise<boolean>;
  /** Inserts or replaces. */
  upsert(entity: TableEntity): Promise<void>;
  /** False if the row has changed since `etag`, or is gone. */
  replace(entity: TableEntity, etag: string): Promise<boolean>;
  /** With `etag`: false if the row has changed since, or is gone. Without: true in any case. */
  delete(partitionKey: string, rowKey: string, etag?: string): Promise<boolean>;
  /**
   * Makes all of the changes, at most 100 of different rows of one partition, or none. False if the condition of one of them does not
   * hold.
   */
  transact(changes: readonly TableChange[]): Promise<boolean>;
}
