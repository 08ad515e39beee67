import pMap from 'p-map';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { packText, unpackText } from '../storage/packed-text.ts';
import type { Table, TableEntity } from '../storage/tables.ts';

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

/** The write is this call's alone, which has to end it in one of three ways. A claim that was taken over meanwhile ends in none. */
export interface Claim {
  kind: 'claimed';
  /** Epoch milliseconds at which the first try began of which nobody knows what came of it; undefined without such a try. */
  uncertainSince: number | undefined;
  /** From now on this is its outcome. */
  settle(outcome: string): Promise<void>;
  /** It was not done, and may be asked for again as if it had never been. */
  release(): Promise<void>;
  /** It may have been done. */
  suspend(): Promise<void>;
}

/** Who does which write, and what came of it: for a day, in every instance of the app. Fails as its table does. */
export interface WriteLedger {
  /** @throws {ConfigError} without storage. */
  begin(write: Write): Promise<Entry>;
  removeOld(): Promise<void>;
}

const partitionKey = 'write';
const keptForMs = 24 * 60 * 60_000;
/** No call takes this long: whoever began the write is dead. */
const ownedForMs = 5 * 60_000;
const removalConcurrency = 8;

const rowSchema = z.object({
  request: z.string(),
  state: z.enum(['running', 'uncertain', 'settled']),
  startedAt: z.iso.datetime(),
  uncertainSince: z.optional(z.iso.datetime()),
  /** In how many rows of its own the outcome is kept. */
  parts: z.optional(z.string()),
  etag: z.string(),
});
type Row = z.output<typeof rowSchema>;

export function createWriteLedger(requireTable: () => Table, clock: Clock): WriteLedger {
  const ageOf = (startedAt: string) => clock.now() - Date.parse(startedAt);

  async function readOutcome(id: string, { startedAt, parts = '0' }: Row): Promise<string | undefined> {
    const rowKeys = Array.from({ length: Number(parts) }, (_, index) => partKey(startedAt, index));
    const rows = await Promise.all(rowKeys.map((rowKey) => requireTable().get(id, rowKey)));
    const texts = rows.map((row) => row?.text).filter((text) => typeof text === 'string');
    return texts.length === rows.length && texts.length > 0 ? unpackText(texts) : undefined;
  }

  async function writeOutcome(id: string, startedAt: string, outcome: string): Promise<number> {
    const parts = packText(outcome);
    const rows = parts.map((text, index) => ({ partitionKey: id, rowKey: partKey(startedAt, index), text }));
    await Promise.all(rows.map((row) => requireTable().upsert(row)));
    return parts.length;
  }

  function toClaim(id: string, claimed: TableEntity & { startedAt: string }, uncertainSince?: string): Claim {
    async function findOwn(): Promise<Row | undefined> {
      const { data } = rowSchema.safeParse(await requireTable().get(partitionKey, id));
      return data?.startedAt === claimed.startedAt ? data : undefined;
    }
    async function change(members: Record<string, string>): Promise<void> {
      const own = await findOwn();
      if (own !== undefined) await requireTable().replace({ ...claimed, ...members }, own.etag);
    }
    const suspend = () => change({ state: 'uncertain', uncertainSince: uncertainSince ?? claimed.startedAt });

    return {
      kind: 'claimed',
      uncertainSince: uncertainSince === undefined ? undefined : Date.parse(uncertainSince),
      async settle(outcome) {
        const parts = await writeOutcome(id, claimed.startedAt, outcome);
        await change({ state: 'settled', parts: String(parts) });
      },
      suspend,
      async release() {
        // That this try did nothing does not tell what an earlier one did.
        if (uncertainSince !== undefined) return await suspend();
        const own = await findOwn();
        if (own !== undefined) await requireTable().delete(partitionKey, id, own.etag);
      },
    };
  }

  return {
    async begin({ id, request }) {
      const startedAt = new Date(clock.now()).toISOString();
      const fresh = { partitionKey, rowKey: id, request, state: 'running', startedAt };
      if (await requireTable().insert(fresh)) return toClaim(id, fresh);

      const { data: row } = rowSchema.safeParse(await requireTable().get(partitionKey, id));
      if (row === undefined) return { kind: 'running' };
      const age = ageOf(row.startedAt);
      if (age >= keptForMs) return (await requireTable().replace(fresh, row.etag)) ? toClaim(id, fresh) : running;
      if (row.request !== request) return { kind: 'reused' };
      if (row.state === 'settled') {
        const outcome = await readOutcome(id, row);
        return outcome === undefined ? running : { kind: 'settled', outcome };
      }
      if (row.state === 'running' && age < ownedForMs) return running;
      const uncertainSince = row.uncertainSince ?? row.startedAt;
      const isOurs = await requireTable().replace({ ...fresh, uncertainSince }, row.etag);
      return isOurs ? toClaim(id, { ...fresh, uncertainSince }, uncertainSince) : running;
    },
    async removeOld() {
      const rows = await requireTable().list(partitionKey);
      const old = rows.filter((row) => {
        const { data } = rowSchema.safeParse(row);
        return data === undefined || ageOf(data.startedAt) >= keptForMs;
      });
      await pMap(old, (row) => remove(row.rowKey, row.etag), { concurrency: removalConcurrency });
    },
  };

  /** The row last, so that what a failure leaves behind is found again. */
  async function remove(id: string, etag: string): Promise<void> {
    for (const part of await requireTable().list(id)) await requireTable().delete(id, part.rowKey);
    await requireTable().delete(partitionKey, id, etag);
  }
}

const running: Entry = { kind: 'running' };

/** Of one try, so that a late one does not overwrite the outcome of another. */
const partKey = (startedAt: string, index: number): string => `${startedAt}-${index}`;
