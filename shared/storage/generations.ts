import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { withTimeout } from '../outbound/timeout.ts';
import type { Table } from './tables.ts';

/** What instances keep in memory and another instance may change. */
const topics = ['credentials', 'tenants', 'grants'] as const;
export type Topic = (typeof topics)[number];

/**
 * Tells every instance of the app when what it keeps in memory is out of date. Each topic has a generation in storage. A
 * writer raises it after a change; a reader notes the generation before it loads the data, and loads the data again when the generation
 * differs.
 */
export interface Generations {
  /**
   * The generation of a topic, to be compared for equality: at most a minute old. Returned from memory; every 30
   * seconds a call starts a read, and waits for it (2 s at most) only after a longer pause. Never fails: while storage is unavailable, the
   * last known generation holds.
   */
  get(topic: Topic): Promise<string>;
  /**
   * Makes every instance load what it keeps of a topic again, within a minute; does nothing without storage.
   * @throws {UpstreamError} of `storage`: repeat the change, which must be idempotent.
   */
  raise(topic: Topic): Promise<void>;
}

const partitionKey = 'generation';
const rowSchema = z.object({ rowKey: z.enum(topics), generation: z.string(), raisedAt: z.iso.datetime() });

const freshForMs = 30_000;
const maxAgeMs = 50_000;
const maxWaitMs = 2_000;
const retryAfterMs = 10_000;
/** How far the clocks of two instances may differ. */
const clockSkewMs = 5 * 60_000;

/** @param findTable gives undefined without storage. */
export function createGenerations(findTable: () => Table | undefined, clock: Clock): Generations {
  const startedAt = clock.now();
  const known = new Map<Topic, string>();
  /** Generations that were raised before this instance kept anything: no reason to load again. */
  let initial: ReadonlyMap<Topic, string> | undefined;
  let checkedAt = startedAt;
  let isFailing = false;
  let reading: Promise<void> | undefined;

  async function readAll(table: Table): Promise<void> {
    const beganAt = clock.now();
    try {
      const rows = (await table.list(partitionKey)).flatMap((row) => rowSchema.safeParse(row).data ?? []);
      const isEarlier = ({ raisedAt }: { raisedAt: string }) => Date.parse(raisedAt) < startedAt - clockSkewMs;
      initial ??= new Map(rows.filter(isEarlier).map(({ rowKey, generation }) => [rowKey, generation]));
      for (const { rowKey, generation } of rows) known.set(rowKey, generation);
      checkedAt = beganAt;
      isFailing = false;
    } catch {
      // Other operations on the storage report the failure.
      checkedAt = clock.now() - freshForMs + retryAfterMs;
      isFailing = true;
    } finally {
      reading = undefined;
    }
  }

  async function check(): Promise<void> {
    const table = findTable();
    const ageMs = clock.now() - checkedAt;
    if (table === undefined || ageMs < freshForMs) return;
    reading ??= readAll(table);
    if (ageMs < maxAgeMs || isFailing) return;
    const current = reading;
    await withTimeout(clock, maxWaitMs, () => current).catch(() => {
      isFailing = true;
    });
  }

  return {
    async get(topic) {
      await check();
      const generation = known.get(topic) ?? '';
      return generation === initial?.get(topic) ? '' : generation;
    },
    async raise(topic) {
      const generation = randomUUID();
      // First, so that it applies on this instance even if the storage fails.
      known.set(topic, generation);
      const raisedAt = new Date(clock.now()).toISOString();
      await findTable()?.upsert({ partitionKey, rowKey: topic, generation, raisedAt });
    },
  };
}
