import { randomUUID } from 'node:crypto';
import { formatInstant } from '../instants.ts';
import {
  createConditionalWriter,
  createFencedRow,
  type LeaseMembers,
  type LeaseRow,
  parseLease,
} from './fenced-row.ts';
import type { TableChange, TableEntity } from './tables.ts';
import { groupByTransaction } from './transaction-groups.ts';

export { LeaseLostError } from './fenced-row.ts';

/**
 * What a lease is acquired with. Fencing protects every commit, independently of the clocks: a clock that is ahead can only take a lease
 * over early. Where that does harm, add the expected skew to `durationMs`.
 */
export interface LeaseOptions<State> extends LeaseRow<State> {
  /** The state to store with the acquisition; `undefined` declines it, such as for work that is already done. Default: unchanged. */
  begin?(state: State): State | undefined;
  /** Whether an owner that is at work is flagged to run again. */
  flagsOwner?: boolean;
}

/** `previous`: the state before `begin`. `isTakeover`: an earlier owner did not release. Instants are epoch milliseconds. */
export type LeaseAttempt<State> =
  | { kind: 'acquired'; lease: Lease<State>; previous: State; isTakeover: boolean }
  | { kind: 'taken'; state: State; expiresAt: number }
  | { kind: 'declined'; state: State };

/** Exclusive ownership of a row and of the rows that are changed together with it. Every method throws `LeaseLostError` once it is lost. */
export interface Lease<State> {
  readonly state: State;
  /** Until then no other instance takes over. */
  readonly expiresAt: number;
  /**
   * Renews the lease, makes changes in its partition (99 at most) and updates the state in one transaction. Commits that are requested
   * meanwhile share the next one. A row to be deleted may be gone already.
   */
  commit(changes?: readonly TableChange[], update?: (state: State) => State): Promise<void>;
  /** False if the owner is flagged to run again: the lease is renewed then. */
  release(update?: (state: State) => State): Promise<boolean>;
  /** Lets another instance take over at once, as after a crash. */
  abandon(update?: (state: State) => State): Promise<void>;
}

/** A lease that ends later than a clock this far ahead explains would never end. */
const maxClockSkewMs = 10 * 60_000;

/** When the lease of a row ends, in epoch milliseconds; 0 without one. */
export const leaseExpiresAt = (row: TableEntity | undefined): number => expiryOf(parseLease(row));

const expiryOf = (held: LeaseMembers | undefined): number =>
  held?.leaseExpiresAt === undefined ? 0 : Date.parse(held.leaseExpiresAt);

/** Writes, then reads who owns the row: the response to the write may be lost. */
export async function acquireLease<State>(options: LeaseOptions<State>): Promise<LeaseAttempt<State>> {
  const { table, clock, partitionKey, rowKey, durationMs, begin = (state: State) => state } = options;
  const owner = randomUUID();
  const write = createConditionalWriter();
  let before: { previous: State; isTakeover: boolean } | undefined;
  for (;;) {
    const row = await table.get(partitionKey, rowKey);
    const held = parseLease(row);
    const state = options.readState(row);
    if (held?.leaseOwner === owner && before !== undefined)
      return { kind: 'acquired', lease: openLease(options, owner, state, held), ...before };
    const expiresAt = expiryOf(held);
    const leftMs = expiresAt - clock.now();
    if (row !== undefined && leftMs > 0 && leftMs <= durationMs + maxClockSkewMs) {
      const { etag, ...entity } = { ...row, partitionKey, rowKey, runAgain: true };
      const isTold = !options.flagsOwner || held?.runAgain === true;
      if (isTold || (await write(() => table.replace(entity, etag))) === 'made')
        return { kind: 'taken', state, expiresAt };
      continue;
    }
    const next = begin(state);
    if (next === undefined) return { kind: 'declined', state };
    before = { previous: state, isTakeover: held?.leaseOwner !== undefined };
    const lease = { leaseOwner: owner, leaseExpiresAt: formatInstant(clock.now() + durationMs) };
    const entity = { ...options.writeState(next), partitionKey, rowKey, ...lease };
    await write(() => (row === undefined ? table.insert(entity) : table.replace(entity, row.etag)));
  }
}

interface Commit<State> {
  changes: readonly TableChange[];
  update(state: State): State;
}

function openLease<State>(options: LeaseRow<State>, owner: string, first: State, held: LeaseMembers): Lease<State> {
  const put = createFencedRow(options, owner, held);
  let state = first;
  let expiresAt = expiryOf(held);
  let waiting: Commit<State>[] = [];
  let last = Promise.resolve();

  async function write(changes: readonly TableChange[], next: State, ending: 'renew' | 'release' | 'expire') {
    const endsAt = await put(changes, next, ending);
    state = next;
    expiresAt = endsAt ?? 0;
    return endsAt === undefined;
  }

  async function commitWaiting(): Promise<void> {
    const [together = [], ...others] = groupByTransaction(waiting, 1);
    waiting = others.flat();
    if (together.length === 0) return;
    const next = together.reduce((from, { update }) => update(from), state);
    await write(
      together.flatMap(({ changes }) => changes),
      next,
      'renew',
    );
  }

  const unchanged = (same: State) => same;
  return {
    get state() {
      return state;
    },
    get expiresAt() {
      return expiresAt;
    },
    commit(changes = [], update = unchanged) {
      waiting.push({ changes, update });
      // A failure fails all that follow: none of them may count as committed.
      last = last.then(commitWaiting);
      last.catch(() => {});
      return last;
    },
    async release(update = unchanged) {
      await last;
      return await write([], update(state), 'release');
    },
    async abandon(update = unchanged) {
      await last;
      await write([], update(state), 'expire');
    },
  };
}
