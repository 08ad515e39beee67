import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import type { TenantOutcome } from '../tokens/tenant-outcome.ts';

/** How calls in a tenant have been going. */
export interface TenantHealth {
  /** Its consent was found to be withdrawn, and no call has succeeded since. */
  isRevoked: boolean;
  /** Epoch milliseconds. */
  lastSuccessAt: number | undefined;
  /** Epoch milliseconds. */
  lastErrorAt: number | undefined;
  lastErrorCode: string | undefined;
}

/** Remembers how calls went in each tenant, over restarts where there is storage. It holds up no call, and fails none. */
export interface TenantHealthStore {
  note(outcome: TenantOutcome): void;
  /** @throws {UpstreamError} of `storage`. */
  read(): Promise<ReadonlyMap<string, TenantHealth>>;
  /** Forgets how it went: what was before a tenant consented says nothing of what is. */
  remove(tenantId: string): Promise<void>;
}

const partitionKey = 'condition';
/** How old the instant of the last success, or of the same error again, may become before it is written anew. */
const writtenEveryMs = 60 * 60_000;
/** In an outage errors of several kinds take turns. */
const otherErrorEveryMs = 60_000;

const optionalInstant = z.optional(z.iso.datetime());
const entitySchema = z.object({
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

export function createTenantHealthStore(openTable: () => Table | undefined, clock: Clock): TenantHealthStore {
  /** As they are. */
  const tenantHealth = new Map<string, TenantHealth>();
  /** As they were written last. */
  const written = new Map<string, TenantHealth>();
  /** One write at a time for each tenant: a later one must not be overtaken. */
  const writing = new Map<string, Promise<void>>();

  async function write(table: Table, tenantId: string): Promise<void> {
    try {
      for (let now = known(tenantId); isNews(written.get(tenantId), now); now = known(tenantId)) {
        const stored = written.has(tenantId) ? undefined : await table.get(partitionKey, tenantId);
        const { data } = entitySchema.safeParse(stored);
        const condition = merge(data === undefined ? unknown : toCondition(data), known(tenantId));
        tenantHealth.set(tenantId, condition);
        await table.upsert(toEntity(tenantId, condition));
        written.set(tenantId, condition);
      }
    } catch {
      // It is in memory, and a later outcome writes it.
      written.delete(tenantId);
    } finally {
      writing.delete(tenantId);
    }
  }

  const known = (tenantId: string): TenantHealth => tenantHealth.get(tenantId) ?? unknown;

  return {
    note(outcome) {
      const { tenantId } = outcome;
      const condition = next(known(tenantId), outcome, clock.now());
      tenantHealth.set(tenantId, condition);
      const table = openTable();
      if (table === undefined || writing.has(tenantId) || !isNews(written.get(tenantId), condition)) return;
      writing.set(tenantId, write(table, tenantId));
    },
    async read() {
      const stored = (await openTable()?.list(partitionKey)) ?? [];
      const all = new Map<string, TenantHealth>();
      for (const entity of stored) {
        const { data } = entitySchema.safeParse(entity);
        if (data !== undefined) all.set(entity.rowKey, toCondition(data));
      }
      for (const [tenantId, condition] of tenantHealth) {
        all.set(tenantId, merge(all.get(tenantId) ?? unknown, condition));
      }
      return all;
    },
    async remove(tenantId) {
      await writing.get(tenantId);
      tenantHealth.delete(tenantId);
      written.delete(tenantId);
      await openTable()?.delete(partitionKey, tenantId);
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

/** Of what is stored, perhaps by another instance, and what is known here, whatever happened later counts. */
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

function isNews(before: TenantHealth | undefined, now: TenantHealth): boolean {
  if (before === undefined || before.isRevoked !== now.isRevoked) return true;
  const isOld = (then = 0, later = 0, maxMs = writtenEveryMs) => later - then >= maxMs;
  if (before.lastErrorCode !== now.lastErrorCode) return isOld(before.lastErrorAt, now.lastErrorAt, otherErrorEveryMs);
  return isOld(before.lastSuccessAt, now.lastSuccessAt) || isOld(before.lastErrorAt, now.lastErrorAt);
}

function toCondition(entity: z.output<typeof entitySchema>): TenantHealth {
  const { isRevoked, lastSuccessAt, lastErrorAt, lastErrorCode } = entity;
  const read = (instant: string | undefined) => (instant === undefined ? undefined : Date.parse(instant));
  return { isRevoked, lastSuccessAt: read(lastSuccessAt), lastErrorAt: read(lastErrorAt), lastErrorCode };
}

function toEntity(
  tenantId: string,
  { isRevoked, lastSuccessAt, lastErrorAt, lastErrorCode }: TenantHealth,
): TableEntity {
  const written = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const instants = { lastSuccessAt: written(lastSuccessAt), lastErrorAt: written(lastErrorAt) };
  return { partitionKey, rowKey: tenantId, isRevoked, ...instants, lastErrorCode };
}
