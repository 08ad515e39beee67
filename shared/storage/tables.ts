import type { TokenCredential } from '@azure/core-auth';
import type { TableClient } from '@azure/data-tables';
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

/** A table of the storage account, made when something is first put into it. Every failure is an `UpstreamError` of `storage`. */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredEntity | undefined>;
  /** All of a partition, in the order of their row keys. */
  list(partitionKey: string): Promise<StoredEntity[]>;
  /** False when there is one already. */
  insert(entity: TableEntity): Promise<boolean>;
  /** Inserts or replaces. */
  upsert(entity: TableEntity): Promise<void>;
  /** False when it was changed meanwhile, or is gone. */
  replace(entity: TableEntity, etag: string): Promise<boolean>;
  /** With an ETag false when it was changed meanwhile, or is gone; without, gone already is fine. */
  delete(partitionKey: string, rowKey: string, etag?: string): Promise<boolean>;
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
    async list(partitionKey) {
      const filter = `PartitionKey eq '${partitionKey.replaceAll("'", "''")}'`;
      const all = run(async (client) => {
        const found: Record<string, unknown>[] = [];
        for await (const entity of client.listEntities({ queryOptions: { filter } })) found.push(entity);
        return found;
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
  };
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
