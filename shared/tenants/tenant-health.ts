import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import type { TenantOutcome } from '../tokens/tenant-outcome.ts';

/** Latest outcomes of the application's calls in a tenant. Instants are epoch milliseconds. */
export interface TenantHealth {
  /** A call showed that consent was withdrawn, and none has succeeded since. */
  isRevoked: boolean;
  lastSuccessAt: number | undefined;
  lastErrorAt: number | undefined;
  lastErrorCode: string | undefined;
}

/** Records the health of tenants, in storage if there is one. */
export interface TenantHealthStore {
  /** Records an outcome, in storage in the background. Never fails. */
  record(outcome: TenantOutcome): void;
  /** @throws {UpstreamError} of `storage`. */
  read(): Promise<ReadonlyMap<string, TenantHealth>>;
  /** Forgets what this instance knows of a tenant. */
  forget(tenantId: string): void;
  /** Removes a tenant's health from storage too. @throws {UpstreamError} of `storage`. */
  remove(tenantId: string): Promise<void>;
}

const partitionKey = 'health';
/** Pause between writes that only update the time of the last success, or of the same error. */
const writeIntervalMs = 60 * 60_000;
/** Pause between writes of different errors, which alternate in an outage. */
const errorIntervalMs = 60_000;

const optionalInstant = z.optional(z.iso.datetime());
const rowSchema = z.object({
  isRevoked: z.boolean(),
  lastSuccessAt: optionalInstant,
  lastErrorAt: optionalInstant,
  lastErrorCode: z.optional(z.string()),
});

const unknown: TenantHealth = {
  isRevoked: false,
  lastSuccessAt: undefined,
  lastErrorAt: undefined,
  lastErrorCode: undefined,
};

export function createTenantHealthStore(findTable: () => Table | undefined, clock: Clock): TenantHealthStore {
  const current = new Map<string, TenantHealth>();
  const written = new Map<string, TenantHealth>();
  /** One write at a time for each tenant, so that none overtakes another. */
  const writing = new Map<string, Promise<void>>();

  const healthOf = (tenantId: string): TenantHealth => current.get(tenantId) ?? unknown;

  async function write(table: Table, tenantId: string): Promise<void> {
    try {
      for (let now = healthOf(tenantId); isWorthWriting(written.get(tenantId), now); now = healthOf(tenantId)) {
        const stored = written.has(tenantId) ? undefined : await table.get(partitionKey, tenantId);
        const health = merge(parseRow(stored) ?? unknown, healthOf(tenantId));
        current.set(tenantId, health);
        await table.upsert(toRow(tenantId, health));
        written.set(tenantId, health);
      }
    } catch {
      // The next outcome is written together with this one.
      written.delete(tenantId);
    } finally {
      writing.delete(tenantId);
    }
  }

  function forget(tenantId: string): void {
    current.delete(tenantId);
    written.delete(tenantId);
  }

  return {
    record(outcome) {
      const { tenantId } = outcome;
      const health = next(healthOf(tenantId), outcome, clock.now());
      current.set(tenantId, health);
      const table = findTable();
      if (table === undefined || writing.has(tenantId) || !isWorthWriting(written.get(tenantId), health)) return;
      writing.set(tenantId, write(table, tenantId));
    },
    async read() {
      const rows = (await findTable()?.list(partitionKey)) ?? [];
      const all = new Map<string, TenantHealth>();
      for (const row of rows) all.set(row.rowKey, parseRow(row) ?? unknown);
      for (const [tenantId, health] of current) all.set(tenantId, merge(all.get(tenantId) ?? unknown, health));
      return all;
    },
    forget,
    async remove(tenantId) {
      await writing.get(tenantId);
      forget(tenantId);
      await findTable()?.delete(partitionKey, tenantId);
    },
  };
}

function next(before: TenantHealth, outcome: TenantOutcome, now: number): TenantHealth {
  switch (outcome.kind) {
    case 'succeeded':
      return { ...before, isRevoked: false, lastSuccessAt: now };
    case 'revoked':
      return { ...before, isRevoked: true, lastErrorAt: now, lastErrorCode: outcome.code };
    case 'failed':
      return { ...before, lastErrorAt: now, lastErrorCode: outcome.code };
  }
}

/** Combines the stored health, possibly of another instance, with the known one: the later outcome wins. */
function merge(stored: TenantHealth, known: TenantHealth): TenantHealth {
  const isLater = (a: number | undefined, b: number | undefined) => (a ?? 0) > (b ?? 0);
  const latest = ({ lastSuccessAt = 0, lastErrorAt = 0 }: TenantHealth) => Math.max(lastSuccessAt, lastErrorAt);
  const error = isLater(stored.lastErrorAt, known.lastErrorAt) ? stored : known;
  return {
    isRevoked: latest(stored) > latest(known) ? stored.isRevoked : known.isRevoked,
    lastSuccessAt: isLater(stored.lastSuccessAt, known.lastSuccessAt) ? stored.lastSuccessAt : known.lastSuccessAt,
    lastErrorAt: error.lastErrorAt,
    lastErrorCode: error.lastErrorCode,
  };
}

function isWorthWriting(before: TenantHealth | undefined, now: TenantHealth): boolean {
  if (before === undefined || before.isRevoked !== now.isRevoked) return true;
  const isOld = (then = 0, later = 0, intervalMs = writeIntervalMs) => later - then >= intervalMs;
  if (before.lastErrorCode !== now.lastErrorCode) return isOld(before.lastErrorAt, now.lastErrorAt, errorIntervalMs);
  return isOld(before.lastSuccessAt, now.lastSuccessAt) || isOld(before.lastErrorAt, now.lastErrorAt);
}

function parseRow(row: unknown): TenantHealth | undefined {
  const { data } = rowSchema.safeParse(row);
  if (data === undefined) return undefined;
  const { isRevoked, lastSuccessAt, lastErrorAt, lastErrorCode } = data;
  return {
    isRevoked,
    lastSuccessAt: parseOptionalInstant(lastSuccessAt),
    lastErrorAt: parseOptionalInstant(lastErrorAt),
    lastErrorCode,
  };
}

function toRow(tenantId: string, { lastSuccessAt, lastErrorAt, ...others }: TenantHealth): TableEntity {
  return {
    partitionKey,
    rowKey: tenantId,
    ...others,
    lastSuccessAt: formatOptionalInstant(lastSuccessAt),
    lastErrorAt: formatOptionalInstant(lastErrorAt),
  };
}
