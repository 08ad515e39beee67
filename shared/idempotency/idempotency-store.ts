import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { Table } from '../storage/tables.ts';
import { type Claim, createClaim, partitionKey, readOutcome, rowSchema } from './attempt.ts';

/** A call that shall be carried out once. Both are digests: the ledger knows neither key nor body. */
interface Write {
  /** The caller and the key that the caller gave. */
  id: string;
  /** What is asked for. */
  request: string;
}

/** What the ledger says of a write that is about to begin. */
export type Entry =
  | Claim
  | { kind: 'settled'; outcome: string }
  /** Another call is at it, or was at this moment. */
  | { kind: 'running' }
  /** The key stands for another request. */
  | { kind: 'reused' };

/** Who does which write, and what came of it: for a day, in every instance of the app. Fails as its table does. */
export interface IdempotencyStore {
  begin(write: Write): Promise<Entry>;
  removeOld(): Promise<void>;
}

const keptForMs = 24 * 60 * 60_000;
/** No call takes this long: whoever began the write is dead. */
const ownedForMs = 5 * 60_000;
const removalConcurrency = 8;
const running: Entry = { kind: 'running' };

export function createIdempotencyStore(table: Table, clock: Clock): IdempotencyStore {
  const ageOf = ({ startedAt }: { startedAt: string }) => clock.now() - Date.parse(startedAt);

  /** The row last, so that what a failure leaves behind is found again. */
  async function remove(id: string, etag: string): Promise<void> {
    for (const part of await table.list(id)) await table.delete(id, part.rowKey);
    await table.delete(partitionKey, id, etag);
  }

  return {
    async begin({ id, request }) {
      const startedAt = new Date(clock.now()).toISOString();
      const fresh = { partitionKey, rowKey: id, request, state: 'running', startedAt };
      if (await table.insert(fresh)) return createClaim(table, fresh);

      const { data: row } = rowSchema.safeParse(await table.get(partitionKey, id));
      if (row === undefined) return running;
      const isOver = ageOf(row) >= keptForMs;
      if (!isOver && row.request !== request) return { kind: 'reused' };
      if (!isOver && row.state === 'settled') {
        const outcome = await readOutcome(table, id, row);
        return outcome === undefined ? running : { kind: 'settled', outcome };
      }
      if (row.state === 'running' && ageOf(row) < ownedForMs) return running;
      const claimed = isOver ? fresh : { ...fresh, previousAttemptAt: row.previousAttemptAt ?? row.startedAt };
      return (await table.replace(claimed, row.etag)) ? createClaim(table, claimed) : running;
    },
    async removeOld() {
      const rows = await table.list(partitionKey);
      const old = rows.filter((row) => {
        const { data } = rowSchema.safeParse(row);
        return data === undefined || ageOf(data) >= keptForMs;
      });
      await pMap(old, (row) => remove(row.rowKey, row.etag), { concurrency: removalConcurrency });
    },
  };
}
