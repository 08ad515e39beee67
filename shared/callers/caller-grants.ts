import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import type { Generations } from '../storage/generations.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { everyTenant } from '../tenant-id.ts';

/** The tenants in which a caller may act. */
export interface CallerGrant {
  /** Object id (`oid`) of a service principal or user, or `commandWebhook`. */
  objectId: string;
  displayName?: string | undefined;
  /** Tenant ids, or `*` for every tenant that the app serves. */
  tenantIds: readonly string[];
  note?: string | undefined;
  /** Epoch milliseconds. */
  updatedAt: number;
  /** Object id of the caller who made the grant, or `key`. */
  updatedBy: string;
}

/** The grants, in storage and for the whole app. Fails as its table does. */
export interface CallerGrants {
  /** Ordered by object id. */
  list(): Promise<CallerGrant[]>;
  get(objectId: string): Promise<CallerGrant | undefined>;
  /** Whether the grant is new. It takes effect on every instance within a minute. */
  put(grant: Omit<CallerGrant, 'updatedAt'>): Promise<boolean>;
  /** A missing one counts as removed. */
  remove(objectId: string): Promise<void>;
  /** The granted tenants; undefined without a grant. From memory for up to a minute. */
  tenantsOf(objectId: string): Promise<readonly string[] | undefined>;
}

const partitionKey = 'grant';
const freshForMs = 45_000;
/** How long the last known grants hold while storage is unavailable. */
const maxOutageMs = 15 * 60_000;

const tenantIdsSchema = z.array(z.union([z.guid(), z.literal(everyTenant)]));
const rowSchema = z.object({
  rowKey: z.string(),
  displayName: z.optional(z.string()),
  tenantIds: z.string(),
  note: z.optional(z.string()),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});

interface Known {
  grants: ReadonlyMap<string, CallerGrant>;
  generation: string;
  readAt: number;
}

export function createCallerGrants(table: Table, generations: Generations, clock: Clock): CallerGrants {
  let known: Known | undefined;
  let reading: Promise<Known> | undefined;

  async function list(): Promise<CallerGrant[]> {
    return (await table.list(partitionKey)).flatMap((row) => parseGrant(row) ?? []);
  }

  async function read(generation: string): Promise<Known> {
    const readAt = clock.now();
    try {
      const grants = new Map((await list()).map((grant) => [grant.objectId, grant]));
      known = { grants, generation, readAt };
      return known;
    } catch (error) {
      if (known === undefined || clock.now() - known.readAt > maxOutageMs) throw error;
      return known;
    } finally {
      reading = undefined;
    }
  }

  async function current(): Promise<Known> {
    const generation = await generations.get('grants');
    if (known !== undefined && known.generation === generation && clock.now() - known.readAt < freshForMs) return known;
    reading ??= read(generation);
    return await reading;
  }

  return {
    list,
    async get(objectId) {
      const row = await table.get(partitionKey, objectId);
      return row && parseGrant(row);
    },
    async put(grant) {
      const isNew = (await table.get(partitionKey, grant.objectId)) === undefined;
      await table.upsert(toRow({ ...grant, updatedAt: clock.now() }));
      await generations.raise('grants');
      return isNew;
    },
    async remove(objectId) {
      await table.delete(partitionKey, objectId);
      await generations.raise('grants');
    },
    tenantsOf: async (objectId) => (await current()).grants.get(objectId)?.tenantIds,
  };
}

const toRow = ({ objectId, displayName, tenantIds, note, updatedAt, updatedBy }: CallerGrant): TableEntity => ({
  partitionKey,
  rowKey: objectId,
  displayName,
  tenantIds: JSON.stringify(tenantIds),
  note,
  updatedAt: formatInstant(updatedAt),
  updatedBy,
});

/** Undefined for a row that is damaged: a grant that cannot be read grants nothing. */
function parseGrant(row: TableEntity): CallerGrant | undefined {
  const { data } = rowSchema.safeParse(row);
  if (data === undefined) return undefined;
  const { rowKey: objectId, displayName, note, updatedAt, updatedBy } = data;
  const tenantIds = parseTenantIds(data.tenantIds);
  if (tenantIds === undefined) return undefined;
  return { objectId, displayName, tenantIds, note, updatedAt: Date.parse(updatedAt), updatedBy };
}

function parseTenantIds(text: string): string[] | undefined {
  try {
    return tenantIdsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
