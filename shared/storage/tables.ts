import type { TokenCredential } from '@azure/core-auth';
import type { TableClient, TransactionAction } from '@azure/data-tables';
import { UpstreamError } from '../errors.ts';
import { callThroughSdk, type SdkOptions, type SdkWorld } from '../outbound/sdk-call.ts';
import type { StorageAccount } from '../storage-account.ts';
import { toStorageError } from './storage-error.ts';

/** An entity as it is kept: two keys, and members. Instants are kept as ISO 8601 text: the service has no numbers that large. */
export interface TableEntity {
  partitionKey: string;
  rowKey: string;
  [member: string]: string | boolean | undefined;
}

/** With the ETag by which a later change is guarded. */
export type StoredEntity = TableEntity & { etag: string };

/** The rows from one row key up to, not including, another; `top` of them at most, in the order of their row keys. */
export interface RowRange {
  from?: string | undefined;
  before?: string | undefined;
  top?: number | undefined;
}

/** One change of a transaction. Inserting needs the row to be absent, deleting needs it to be there; an ETag guards as outside of one. */
export type TableChange =
  | { kind: 'insert' | 'upsert'; entity: TableEntity }
  | { kind: 'replace'; entity: TableEntity; etag: string }
  | { kind: 'delete'; partitionKey: string; rowKey: string };

/** The service takes no more changes at once, and no more than 4 MiB. */
export const maxChanges = 100;

/** A table of the storage account, made when something is first put into it. Every failure is an `UpstreamError` of `storage`. */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredEntity | undefined>;
  /** All of a partition, or a range of it, in the order of their row keys. */
  list(partitionKey: string, range?: RowRange): Promise<StoredEntity[]>;
  /** False when there is one already. */
  insert(entity: TableEntity): Promise<boolean>;
  /** Inserts or replaces. */
  upsert(entity: TableEntity): Promise<void>;
  /** False when it was changed meanwhile, or is gone. */
  replace(entity: TableEntity, etag: string): Promise<boolean>;
  /** With an ETag false when it was changed meanwhile, or is gone; without, gone already is fine. */
  delete(partitionKey: string, rowKey: string, etag?: string): Promise<boolean>;
  /**
   * Makes all of the changes, at most 100 of different rows of one partition, or none. False when one of them could not be made: a row to
   * be inserted is there, or a row was changed meanwhile or is gone.
   */
  transact(changes: readonly TableChange[]): Promise<boolean>;
}

interface TableOptions {
  name: string;
  account: StorageAccount;
  managedIdentity: TokenCredential;
  world: SdkWorld;
}

export function createTable(options: TableOptions): Table {
  const run = <T>(action: (client: TableClient) => Promise<T>) =>
    callThroughSdk(options.world, 'storage', toStorageError, async (sdk) => action(await openClient(options, sdk)));

  /** Makes the table when it is found missing. */
  async function put<T>(action: (client: TableClient) => Promise<T>): Promise<T> {
    try {
      return await run(action);
    } catch (error) {
      if (!hasStatus(error, 404) || error.upstream.code !== 'TableNotFound') throw error;
      await run((client) => client.createTable());
      return await run(action);
    }
  }

  return {
    async get(partitionKey, rowKey) {
      const found = await unless(
        404,
        undefined,
        run((client) => client.getEntity(partitionKey, rowKey)),
      );
      return found === undefined ? undefined : toStored(found);
    },
    async list(partitionKey, range = {}) {
      const filter = toFilter(partitionKey, range);
      const { top = Number.POSITIVE_INFINITY } = range;
      const all = run(async (client) => {
        const found: Record<string, unknown>[] = [];
        for await (const page of client
          .listEntities({ queryOptions: { filter } })
          .byPage({ maxPageSize: Math.min(top, maxPage) })) {
          found.push(...page);
          if (found.length >= top) break;
        }
        return found.slice(0, top);
      });
      return (await unless(404, [], all)).map(toStored);
    },
    insert: (entity) =>
      unless(
        409,
        false,
        put((client) => client.createEntity(entity)).then(() => true),
      ),
    async upsert(entity) {
      await put((client) => client.upsertEntity(entity, 'Replace'));
    },
    replace: (entity, etag) =>
      unless(
        404,
        false,
        unless(
          412,
          false,
          run((client) => client.updateEntity(entity, 'Replace', { etag })).then(() => true),
        ),
      ),
    delete: (partitionKey, rowKey, etag) =>
      unless(
        404,
        etag === undefined,
        unless(
          412,
          false,
          run((client) => client.deleteEntity(partitionKey, rowKey, etag === undefined ? {} : { etag })).then(
            () => true,
          ),
        ),
      ),
    async transact(changes) {
      if (changes.length === 0) return true;
      const actions = changes.map(toAction);
      const made = put((client) => client.submitTransaction(actions)).then(() => true);
      return await [404, 409, 412].reduce((result, status) => unless(status, false, result), made);
    },
  };
}

const maxPage = 1000;

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function toFilter(partitionKey: string, { from, before }: RowRange): string {
  const tenantHealth = [`PartitionKey eq ${quote(partitionKey)}`];
  if (from !== undefined) tenantHealth.push(`RowKey ge ${quote(from)}`);
  if (before !== undefined) tenantHealth.push(`RowKey lt ${quote(before)}`);
  return tenantHealth.join(' and ');
}

function toAction(change: TableChange): TransactionAction {
  switch (change.kind) {
    case 'insert':
      return ['create', change.entity];
    case 'upsert':
      return ['upsert', change.entity, 'Replace'];
    case 'replace':
      return ['update', change.entity, 'Replace', { etag: change.etag }];
    case 'delete':
      return ['delete', { partitionKey: change.partitionKey, rowKey: change.rowKey }];
  }
}

async function openClient({ name, account, managedIdentity }: TableOptions, sdk: SdkOptions): Promise<TableClient> {
  const { AzureNamedKeyCredential, AzureSASCredential, TableClient } = await import('./tables-sdk.ts');
  const { tableUrl, authorization } = account;
  const options = { ...sdk, allowInsecureConnection: tableUrl.startsWith('http:') };
  switch (authorization.kind) {
    case 'key': {
      const credential = new AzureNamedKeyCredential(authorization.accountName, authorization.accountKey);
      return new TableClient(tableUrl, name, credential, options);
    }
    case 'sharedAccessSignature':
      return new TableClient(tableUrl, name, new AzureSASCredential(authorization.signature), options);
    case 'identity':
      return new TableClient(tableUrl, name, managedIdentity, options);
  }
}

const hasStatus = (error: unknown, status: number): error is UpstreamError =>
  error instanceof UpstreamError && error.upstream.status === status;

/** What the service says with this status is an answer, and no failure. */
async function unless<T, U>(status: number, answer: U, result: Promise<T>): Promise<T | U> {
  try {
    return await result;
  } catch (error) {
    if (hasStatus(error, status)) return answer;
    throw error;
  }
}

/** Without what the service adds of its own. */
function toStored(found: Record<string, unknown>): StoredEntity {
  const { etag, partitionKey, rowKey, timestamp, ...members } = found;
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
