import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { emptyState, type FeedState, parseState, toMembers } from './feed-state.ts';

/** Being the only one who reads the incidents of a tenant. */
export interface FeedLease {
  readonly state: FeedState;
  /** Whether the one before us did not come to its end. */
  readonly isAfterCrash: boolean;
  /** Epoch milliseconds until which nobody else begins, unless it is saved again. */
  readonly leasedUntil: number;
  /** @throws {FeedLeaseLostError} when somebody else reads meanwhile. */
  save(state: FeedState): Promise<void>;
  /** Saves for the last time. */
  release(state: FeedState): Promise<void>;
  /** Leaves things as they are to whoever comes next, who may come at once. */
  abandon(state: FeedState): Promise<void>;
}

export class FeedLeaseLostError extends Error {
  override readonly name = 'FeedLeaseLostError';
}

const rowKey = 'checkpoint';
const leaseMs = 90_000;

/**
 * Undefined while somebody else has it. `begin` says what is to be done, and `reserve` how that is noted at once, in case that we do not
 * come to our end.
 */
export async function acquireFeedLease(
  table: Table,
  clock: Clock,
  tenantId: string,
  begin: (state: FeedState) => FeedState,
  reserve: (state: FeedState) => FeedState,
): Promise<FeedLease | undefined> {
  const owner = randomUUID();
  const row = await table.get(tenantId, rowKey);
  const until = Date.parse(String(row?.leasedUntil));
  if (until > clock.now()) return undefined;
  const state = begin(readState(row));
  let leasedUntil = 0;
  let etag: string | undefined;

  const toEntity = (next: FeedState, lease: Record<string, string> = {}): TableEntity => ({
    ...toMembers(next),
    ...lease,
    partitionKey: tenantId,
    rowKey,
  });
  const toLeased = (next: FeedState) => {
    leasedUntil = clock.now() + leaseMs;
    return toEntity(next, { owner, leasedUntil: new Date(leasedUntil).toISOString() });
  };

  async function requireOwn(): Promise<string> {
    const own = await table.get(tenantId, rowKey);
    if (own?.owner === owner) return own.etag;
    throw new FeedLeaseLostError('Somebody else reads the incidents of this tenant');
  }

  async function replace(entity: TableEntity): Promise<void> {
    etag ??= await requireOwn();
    if (!(await table.replace(entity, etag))) throw new FeedLeaseLostError('Somebody else reads meanwhile');
    etag = undefined;
  }

  const entity = toLeased(reserve(state));
  const wasApplied = row === undefined ? await table.insert(entity) : await table.replace(entity, row.etag);
  if (!wasApplied) return undefined;
  return {
    state,
    isAfterCrash: !Number.isNaN(until),
    get leasedUntil() {
      return leasedUntil;
    },
    save: (next) => replace(toLeased(next)),
    release: (next) => replace(toEntity(next)),
    abandon: (next) => replace(toEntity(next, { leasedUntil: new Date(clock.now()).toISOString() })),
  };
}

/** @throws {TypeError} for a row that is none: to begin anew would pass over what has happened since. */
function readState(row: TableEntity | undefined): FeedState {
  if (row === undefined) return emptyState;
  const state = parseState(row);
  if (state === undefined) throw new TypeError('The checkpoint of a tenant cannot be read');
  return state;
}
