import * as z from 'zod/mini';
import { createCachedValue } from '../cached-value.ts';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import type { Generations } from '../storage/generations.ts';
import type { Table } from '../storage/tables.ts';
import { isTenantId } from '../tenant-id.ts';

/** A customer tenant added at run time. */
interface OnboardedTenant {
  tenantId: string;
  /** Invited and not served before its consent. */
  isPending: boolean;
}

/** The tenants added at run time. A change reaches every instance within a minute. */
export interface OnboardedTenants {
  /**
   * All of them, from memory. While the storage is unavailable, those that were read at most 15 minutes ago.
   * @throws {UpstreamError} of `storage`.
   */
  read(): Promise<ReadonlyMap<string, OnboardedTenant>>;
  /** Adds a pending tenant; false if it exists, which changes nothing. */
  invite(tenantId: string): Promise<boolean>;
  /** Marks a tenant as consented; false if it does not exist. */
  accept(tenantId: string): Promise<boolean>;
  /** Removes a tenant, which may have been removed before. */
  remove(tenantId: string): Promise<void>;
}

interface OnboardedTenantsOptions {
  /** Undefined without storage, where no tenant can be added. */
  findTable: () => Table | undefined;
  /** @throws {ConfigError} without storage. */
  requireTable: () => Table;
  generations: Generations;
  /** Called on every instance for a tenant that was removed or has consented: what is cached for it is out of date. */
  onChange: (tenantId: string) => void;
  clock: Clock;
}

const partitionKey = 'tenant';
const freshForMs = 5 * 60_000;
const bridgedForMs = 15 * 60_000;

const rowSchema = z.object({ rowKey: z.string().check(z.refine(isTenantId)), isPending: z.boolean() });

export function createOnboardedTenants(options: OnboardedTenantsOptions): OnboardedTenants {
  const { findTable, requireTable, generations, onChange, clock } = options;
  let latest: ReadonlyMap<string, OnboardedTenant> = new Map();

  async function request(): Promise<ReadonlyMap<string, OnboardedTenant>> {
    const rows = (await findTable()?.list(partitionKey)) ?? [];
    const tenants = new Map(rows.flatMap(toTenant));
    for (const { tenantId, isPending } of latest.values()) {
      if (tenants.get(tenantId)?.isPending !== isPending) onChange(tenantId);
    }
    latest = tenants;
    return tenants;
  }

  const getGeneration = () => generations.get('tenants');
  const cached = createCachedValue({ request, now: clock.now, getGeneration, freshForMs, bridgedForMs });

  /** Undefined if another instance changed the row at the same time. */
  async function tryAccept(tenantId: string): Promise<boolean | undefined> {
    const row = await requireTable().get(partitionKey, tenantId);
    if (row === undefined) return false;
    const { etag, ...members } = row;
    const accepted = { ...members, isPending: false, consentedAt: formatInstant(clock.now()) };
    return (await requireTable().replace(accepted, etag)) || undefined;
  }

  return {
    read: cached.get,
    async invite(tenantId) {
      const invitedAt = formatInstant(clock.now());
      const isNew = await requireTable().insert({ partitionKey, rowKey: tenantId, isPending: true, invitedAt });
      // Repeated for a tenant that exists: an earlier attempt may have failed here.
      await generations.raise('tenants');
      return isNew;
    },
    async accept(tenantId) {
      const exists = (await tryAccept(tenantId)) ?? (await tryAccept(tenantId)) ?? false;
      if (exists) await generations.raise('tenants');
      return exists;
    },
    async remove(tenantId) {
      await requireTable().delete(partitionKey, tenantId);
      await generations.raise('tenants');
    },
  };
}

/** Rows that another program wrote are ignored. */
function toTenant(row: unknown): [string, OnboardedTenant][] {
  const { data } = rowSchema.safeParse(row);
  return data === undefined ? [] : [[data.rowKey, { tenantId: data.rowKey, isPending: data.isPending }]];
}
