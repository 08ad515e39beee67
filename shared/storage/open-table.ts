import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { TableClient, TransactionAction } from '@azure/data-tables';
import { UpstreamError } from '../errors.ts';
import type { StorageAccount } from '../storage-account.ts';
import { type CallOptions, callStorage, type StoragePlatform } from './storage-call.ts';
import { isRefusedBecause } from './storage-error.ts';
import type { RowRange, StoredEntity, Table, TableChange, TableEntity } from './tables.ts';

interface TableOptions {
  name: string;
  account: StorageAccount;
  managedIdentity: TokenCredential;
  platform: StoragePlatform;
}

/** Loads the SDK. */
export async function openTable(options: TableOptions): Promise<Table> {
  const { platform } = options;
  const client = await createClient(options);
  const run = <T>(action: (call: CallOptions) => Promise<T>) => callStorage(platform, action);

  /** Creates the table if it does not exist. */
  async function put(action: (call: CallOptions) => Promise<unknown>): Promise<void> {
    try {
      await run(action);
    } catch (error) {
      if (!isRefusedBecause(error, 'TableNotFound')) throw error;
      await run((call) => client.createTable(call));
      await run(action);
    }
  }

  /**
   * A write that fails if its condition does not hold. After an attempt whose outcome is unknown the condition may fail because of that
   * attempt: `wasApplied` tells.
   */
  async function putIf(
    conflicts: readonly number[],
    action: (call: CallOptions) => Promise<unknown>,
    wasApplied: () => Promise<boolean>,
  ): Promise<boolean> {
    let attempts = 0;
    try {
      await put(async (call) => {
        attempts++;
        await action(call);
      });
      return true;
    } catch (error) {
      if (!hasStatus(error, conflicts)) throw error;
      return attempts > 1 && (await wasApplied());
    }
  }

  const find = (partitionKey: string, rowKey: string) =>
    unless(
      404,
      undefined,
      run((call) => client.getEntity(partitionKey, rowKey, call)),
    );

  const isOwn = async ({ partitionKey, rowKey }: TableEntity, write: Write): Promise<boolean> =>
    (await find(partitionKey, rowKey))?.writeId === write.writeId;

  const isGone = async (partitionKey: string, rowKey: string): Promise<boolean> =>
    (await find(partitionKey, rowKey)) === undefined;

  return {
    async get(partitionKey, rowKey) {
      const found = await find(partitionKey, rowKey);
      return found && toStored(found);
    },
    async list(partitionKey, range = {}) {
      const filter = toFilter(partitionKey, range);
      const { top = Number.POSITIVE_INFINITY } = range;
      const all = run(async (call) => {
        const found: Record<string, unknown>[] = [];
        const pages = client.listEntities({ queryOptions: { filter }, ...call });
        for await (const page of pages.byPage({ maxPageSize: Math.min(top, maxPageSize) })) {
          found.push(...page);
          if (found.length >= top) break;
        }
        return found.slice(0, top);
      });
      return (await unless(404, [], all)).map(toStored);
    },
    async insert(entity) {
      const write = createWrite();
      const action = (call: CallOptions) => client.createEntity({ ...entity, ...write }, call);
      return await putIf([409], action, () => isOwn(entity, write));
    },
    async upsert(entity) {
      await put((call) => client.upsertEntity(entity, 'Replace', call));
    },
    async replace(entity, etag) {
      const write = createWrite();
      const action = (call: CallOptions) => client.updateEntity({ ...entity, ...write }, 'Replace', { etag, ...call });
      return await putIf([404, 412], action, () => isOwn(entity, write));
    },
    async delete(partitionKey, rowKey, etag) {
      const action = (call: CallOptions) =>
        client.deleteEntity(partitionKey, rowKey, etag === undefined ? call : { etag, ...call });
      return (await putIf([404, 412], action, () => isGone(partitionKey, rowKey))) || etag === undefined;
    },
    async transact(changes) {
      const [first] = changes;
      if (first === undefined) return true;
      const write = createWrite();
      const actions = changes.map((change) => toAction(change, write));
      // All changes are made or none: one row represents all.
      const probe = changes.find((change) => change.kind !== 'delete') ?? first;
      return await putIf(
        [404, 409, 412],
        (call) => client.submitTransaction(actions, call),
        () => (probe.kind === 'delete' ? isGone(probe.partitionKey, probe.rowKey) : isOwn(probe.entity, write)),
      );
    },
  };
}

const maxPageSize = 1000;

const createWrite = (): Write => ({ writeId: randomUUID() });

async function createClient({ name, account, managedIdentity, platform }: TableOptions): Promise<TableClient> {
  const { TableClient } = await import('./tables-sdk.ts');
  const { tableUrl, authorization } = account;
  const options = {
    httpClient: platform.httpClient,
    retryOptions: { maxRetries: 0 },
    allowInsecureConnection: tableUrl.startsWith('http:'),
  };
  return authorization.kind === 'identity'
    ? new TableClient(tableUrl, name, managedIdentity, options)
    : TableClient.fromConnectionString(authorization.connectionString, name, options);
}

const hasStatus = (error: unknown, statuses: readonly number[]): boolean =>
  error instanceof UpstreamError && statuses.includes(error.upstream.status ?? 0);

async function unless<T, U>(status: number, value: U, result: Promise<T>): Promise<T | U> {
  try {
    return await result;
  } catch (error) {
    if (hasStatus(error, [status])) return value;
    throw error;
  }
}

/** Names a write, so that its author recognizes it after a lost response. */
interface Write {
  writeId: string;
}

function toFilter(partitionKey: string, { from, before }: RowRange): string {
  const conditions = [`PartitionKey eq ${quote(partitionKey)}`];
  if (from !== undefined) conditions.push(`RowKey ge ${quote(from)}`);
  if (before !== undefined) conditions.push(`RowKey lt ${quote(before)}`);
  return conditions.join(' and ');
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function toAction(change: TableChange, write: Write): TransactionAction {
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
function toStored(found: Record<string, unknown>): StoredEntity {
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
