import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import { isStorageFailure } from './storage-error.ts';
import type { Table, TableChange, TableEntity } from './tables.ts';

/** A row that holds a lease and the state that belongs to it. */
export interface LeaseRow<State> {
  table: Table;
  clock: Clock;
  partitionKey: string;
  rowKey: string;
  /** From the last write until another instance may take over. */
  durationMs: number;
  /** `undefined` for a row that does not exist yet. Throws for one that cannot be read. */
  readState(row: TableEntity | undefined): State;
  writeState(state: State): Record<string, string | boolean | undefined>;
}

export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** `leaseWrite` identifies the last write, so that one whose response was lost is recognized. */
const membersSchema = z.object({
  etag: z.string(),
  leaseOwner: z.optional(z.string()),
  leaseExpiresAt: z.optional(z.iso.datetime()),
  leaseWrite: z.optional(z.string()),
  runAgain: z.optional(z.boolean()),
});
export type LeaseMembers = z.output<typeof membersSchema>;

export const parseLease = (row: TableEntity | undefined): LeaseMembers | undefined => membersSchema.safeParse(row).data;

const maxLostResponses = 2;

/** Runs conditional writes: `unknown` for the first few that fail, whose response may be all that was lost. */
export function createConditionalWriter() {
  let failures = 0;
  return async (action: () => Promise<boolean>): Promise<'made' | 'refused' | 'unknown'> => {
    try {
      return (await action()) ? 'made' : 'refused';
    } catch (error) {
      if (!isStorageFailure(error) || ++failures > maxLostResponses) throw error;
      return 'unknown';
    }
  };
}

/** How a write leaves the lease: renewed, released unless the owner is flagged to run again, or expired. */
type Ending = 'renew' | 'release' | 'expire';

/** Writes the row of a lease that `owner` holds, together with other rows of its partition, while no other instance has taken over. */
export function createFencedRow<State>(row: LeaseRow<State>, owner: string, held: LeaseMembers) {
  const { table, clock, partitionKey, rowKey } = row;
  let known: LeaseMembers | undefined = held;

  async function readOwn(leaseWrite?: string): Promise<LeaseMembers> {
    const members = parseLease(await table.get(partitionKey, rowKey));
    const isOwn = members?.leaseOwner === owner || (leaseWrite !== undefined && members?.leaseWrite === leaseWrite);
    if (members === undefined || !isOwn)
      throw new LeaseLostError('Another instance has taken over, or the row is gone');
    return members;
  }

  function toEntity(state: State, leaseWrite: string, ending: Ending): TableEntity & { leaseExpiresAt?: string } {
    const entity = { ...row.writeState(state), partitionKey, rowKey, leaseWrite };
    if (ending === 'release') return entity;
    const heldForMs = ending === 'expire' ? 0 : row.durationMs;
    return { ...entity, leaseOwner: owner, leaseExpiresAt: formatInstant(clock.now() + heldForMs) };
  }

  /** Returns when the lease ends; `undefined` once it is released. */
  return async (changes: readonly TableChange[], state: State, ending: Ending): Promise<number | undefined> => {
    const leaseWrite = randomUUID();
    const write = createConditionalWriter();
    let left = changes;
    for (;;) {
      known ??= await readOwn();
      const { etag, runAgain } = known;
      const goesOn = ending === 'release' && runAgain === true;
      const entity = toEntity(state, leaseWrite, goesOn ? 'renew' : ending);
      if (ending === 'renew' && runAgain) entity.runAgain = true;
      const result = await write(() => table.transact([...left, { kind: 'replace', entity, etag }]));
      known = result === 'made' ? undefined : await readOwn(leaseWrite);
      if (known === undefined || known.leaseWrite === leaseWrite)
        return entity.leaseExpiresAt === undefined ? undefined : Date.parse(entity.leaseExpiresAt);
      if (result === 'refused' && known.etag === etag) left = await withoutGone(table, left);
    }
  };
}

/** For a transaction that was refused although the lease is ours: a row to be deleted is gone. */
async function withoutGone(table: Table, changes: readonly TableChange[]): Promise<readonly TableChange[]> {
  const isThere = await Promise.all(
    changes.map(
      async (change) => change.kind !== 'delete' || (await table.get(change.partitionKey, change.rowKey)) !== undefined,
    ),
  );
  if (!isThere.includes(false)) throw new LeaseLostError('Another instance has changed a row that the lease protects');
  return changes.filter((_, index) => isThere[index]);
}
