import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import type { Queue } from '../storage/queues.ts';
import type { Table, TableEntity } from '../storage/tables.ts';

/** Messages that start the runs of the dispatcher: at most one per subscription is in the queue, however many ask for one. */
export interface WakeUps {
  /** Makes a run start at an instant (epoch milliseconds) or earlier. Store what the run has to find first. */
  request(subscriptionId: string, at: number): Promise<void>;
  /** To be called by the run that a message started, before it looks for work: later requests send a new message. */
  acknowledge(message: WakeUpMessage): Promise<void>;
}

export interface WakeUpMessage {
  subscriptionId: string;
  wakeId?: string | undefined;
}

const wakeKey = 'wake';

/** A message that is visible for longer was lost, or the queue is long: only its receipt tells. */
const trustedForMs = 30_000;
const maxConflicts = 10;

const rowSchema = z.object({
  wakeId: z.string(),
  at: z.iso.datetime(),
  messageId: z.string(),
  popReceipt: z.string(),
});

export function createWakeUps(table: Table, queue: Queue, clock: Clock): WakeUps {
  /** Moves the message that is in the queue, or sends one. */
  async function send(
    subscriptionId: string,
    row: TableEntity | undefined,
    at: number,
  ): Promise<z.output<typeof rowSchema>> {
    const { data: known } = rowSchema.safeParse(row);
    const delayMs = at - clock.now();
    const moved = known && (await queue.reschedule(known, delayMs));
    if (known !== undefined && moved !== undefined) return { ...known, ...moved, at: formatInstant(at) };
    const wakeId = randomUUID();
    return { wakeId, at: formatInstant(at), ...(await queue.send({ subscriptionId, wakeId }, delayMs)) };
  }

  function isCovered(row: TableEntity | undefined, at: number): boolean {
    const outstandingAt = Date.parse(rowSchema.safeParse(row).data?.at ?? '');
    return outstandingAt <= at && outstandingAt > clock.now() - trustedForMs;
  }

  return {
    async request(subscriptionId, requestedAt) {
      for (let conflicts = 0; conflicts < maxConflicts; conflicts++) {
        const row = await table.get(subscriptionId, wakeKey);
        const at = Math.max(requestedAt, clock.now());
        if (isCovered(row, at)) return;
        const sent = await send(subscriptionId, row, at);
        const entity = { ...sent, partitionKey: subscriptionId, rowKey: wakeKey };
        if (row === undefined ? await table.insert(entity) : await table.replace(entity, row.etag)) return;
        // Another instance has sent one at the same time.
        await queue.remove(sent);
      }
    },
    async acknowledge({ subscriptionId, wakeId }) {
      const row = await table.get(subscriptionId, wakeKey);
      if (row !== undefined && row.wakeId === wakeId) await table.delete(subscriptionId, wakeKey, row.etag);
    },
  };
}
