import { createHash } from 'node:crypto';
import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { acquireLease, type Lease, LeaseLostError } from '../storage/lease.ts';
import type { StoredEntity, Table } from '../storage/tables.ts';
import { createTimeOrderedId, toGuid } from '../storage/time-ordered-id.ts';
import {
  type ResponseProtection,
  readParts,
  readWriteState,
  storeParts,
  toWriteMembers,
  type WriteState,
} from './write-rows.ts';

/** A call with an `Idempotency-Key`. The store contains neither keys nor bodies. */
interface Write {
  /** Digest of tenant, principal and key. */
  id: string;
  /** Digest of the request. */
  request: string;
}

/** A write that runs here and has to end in one of three ways. Ending it has no effect once another instance has taken over. */
export interface Attempt {
  kind: 'started';
  /** When an earlier attempt began, if its outcome is unknown. Epoch milliseconds. */
  previousAttemptAt: number | undefined;
  /** A GUID for the entity that the write creates, the same in every attempt. */
  entityId: string;
  complete(storedResponse: string): Promise<void>;
  /** The write was not applied. */
  release(): Promise<void>;
  /** The write may have been applied. */
  markUncertain(): Promise<void>;
}

export type Entry =
  | Attempt
  | { kind: 'completed'; storedResponse: string }
  | { kind: 'inProgress' }
  /** The key was used for another request. */
  | { kind: 'mismatch' };

/** The writes of the last 24 hours, shared by all instances. Fails as its table does. */
export interface IdempotencyStore {
  begin(write: Write): Promise<Entry>;
  /** Stops after the page in hand once `deadlineAt` (epoch milliseconds) has passed. Safe to repeat. */
  removeOld(deadlineAt: number): Promise<void>;
}

const partitionKey = 'write';
const keptForMs = 24 * 60 * 60_000;
/** Longer than any call, even if the clock of another instance is two minutes ahead. */
const leaseMs = 5 * 60_000;
const removalPageSize = 500;
const removalConcurrency = 8;

interface StoreOptions {
  table: Table;
  clock: Clock;
  protection: ResponseProtection;
}

export function createIdempotencyStore(options: StoreOptions): IdempotencyStore {
  const { table, clock } = options;
  const isOld = ({ startedAt }: WriteState) => clock.now() - startedAt >= keptForMs;

  function acquire({ id, request }: Write) {
    const fresh = {
      request,
      status: 'started',
      startedAt: clock.now(),
      previousAttemptAt: undefined,
      parts: 0,
    } as const;
    return acquireLease<WriteState>({
      table,
      clock,
      partitionKey,
      rowKey: id,
      durationMs: leaseMs,
      readState: readWriteState,
      writeState: toWriteMembers,
      begin(state) {
        if (state.status === 'released' || isOld(state)) return fresh;
        if (state.request !== request || state.status === 'completed') return undefined;
        return { ...fresh, previousAttemptAt: state.previousAttemptAt ?? state.startedAt };
      },
    });
  }

  return {
    async begin(write) {
      const found = await acquire(write);
      if (found.kind === 'acquired') return openAttempt(options, write.id, found.lease);
      const { state } = found;
      if (state.request !== write.request) return { kind: 'mismatch' };
      if (state.status !== 'completed') return { kind: 'inProgress' };
      const storedResponse = await readParts(options, write.id, state);
      return storedResponse === undefined ? { kind: 'inProgress' } : { kind: 'completed', storedResponse };
    },
    async removeOld(deadlineAt) {
      let from: string | undefined = '';
      while (from !== undefined && clock.now() < deadlineAt) {
        const rows: StoredEntity[] = await table.list(partitionKey, { from, top: removalPageSize });
        const old = rows.filter((row) => isOld(readWriteState(row)));
        await pMap(old, (row) => remove(table, row), { concurrency: removalConcurrency });
        const last: StoredEntity | undefined = rows[removalPageSize - 1];
        from = last && `${last.rowKey}\0`;
      }
    },
  };
}

function openAttempt(options: StoreOptions, id: string, lease: Lease<WriteState>): Attempt {
  const { startedAt, previousAttemptAt } = lease.state;

  async function end(changes: Partial<WriteState>): Promise<void> {
    try {
      await lease.release((state) => ({ ...state, ...changes }));
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }

  const markUncertain = () => end({ status: 'uncertain', previousAttemptAt: previousAttemptAt ?? startedAt });
  return {
    kind: 'started',
    previousAttemptAt,
    entityId: createEntityId(id, previousAttemptAt ?? startedAt),
    async complete(storedResponse) {
      const parts = await storeParts(options, id, startedAt, storedResponse);
      await end({ status: 'completed', parts });
    },
    markUncertain,
    // That this attempt was not applied says nothing about an earlier one.
    release: () => (previousAttemptAt === undefined ? end({ status: 'released' }) : markUncertain()),
  };
}

/** A later attempt finds the entity that an earlier one may have created. */
const createEntityId = (id: string, firstAttemptAt: number): string =>
  toGuid(createTimeOrderedId(firstAttemptAt, createHash('sha256').update(id).digest().subarray(0, 16)));

/** The write's own row last: if this fails, the next run finds it again. */
async function remove(table: Table, { rowKey: id, etag }: StoredEntity): Promise<void> {
  for (const part of await table.list(id)) await table.delete(id, part.rowKey);
  await table.delete(partitionKey, id, etag);
}
