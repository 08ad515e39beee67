import type { Clock } from '../clock.ts';
import type { Queue } from '../storage/queues.ts';
import { maxChanges, type Table, type TableChange, type TableEntity } from '../storage/tables.ts';
import { type Delivery, dueRow, keyOf, parseDelivery, remove, rowsOf, toRow } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import { type DeliveryState, readDeliveryState } from './dispatcher-lease.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A subscription, and how deliveries to it have been going. */
export interface SubscriptionStatus extends DeliveryState {
  subscription: Subscription;
  waiting: number;
  deadLettered: number;
}

/** What subscribers ask of their subscriptions. Fails as the storage does. */
export interface SubscriptionAdmin {
  find(id: string): Promise<SubscriptionStatus | undefined>;
  /** The oldest first. */
  list(skip: number, top: number): Promise<{ found: SubscriptionStatus[]; hasMore: boolean }>;
  /** With all that waits for it. Gone already is fine. */
  remove(id: string): Promise<void>;
  listDeadLetters(id: string): Promise<Delivery[]>;
  /** Has every dead letter delivered as if it were new. */
  resendDeadLetters(id: string): Promise<void>;
  /** Removes what is kept for a time only. */
  removeOld(): Promise<void>;
}

const dayMs = 24 * 60 * 60_000;
/** An event cannot be handed on again so late: no try takes longer, nor a crash. */
const takenKeptMs = 2 * dayMs;
const deadLettersKeptMs = 30 * dayMs;

export function createSubscriptionAdmin(
  subscriptions: Subscriptions,
  table: Table,
  bodies: DeliveryBodies,
  queue: Queue,
  clock: Clock,
): SubscriptionAdmin {
  async function toStatus(subscription: Subscription): Promise<SubscriptionStatus> {
    const { id } = subscription;
    const [state, waiting, dead] = await Promise.all([
      readDeliveryState(table, id),
      table.list(id, rowsOf('d')),
      table.list(id, rowsOf('x')),
    ]);
    return { ...state, subscription, waiting: waiting.length, deadLettered: dead.length };
  }

  async function transact(changes: readonly TableChange[]): Promise<void> {
    for (let from = 0; from < changes.length; from += maxChanges) {
      const part = changes.slice(from, from + maxChanges);
      if (await table.transact(part)) continue;
      // Somebody is at the same work: what is gone is as it should be.
      for (const change of part) if (change.kind === 'delete') await table.delete(change.partitionKey, change.rowKey);
    }
  }

  const removeRows = (rows: readonly TableEntity[]) =>
    transact(rows.map(({ partitionKey, rowKey }) => remove(partitionKey, rowKey)));

  async function removeDeadLetter(delivery: Delivery): Promise<void> {
    await bodies.remove(delivery);
    await table.delete(delivery.subscriptionId, keyOf('b', delivery));
    await table.delete(delivery.subscriptionId, keyOf('x', delivery));
  }

  async function readDeadLetters(id: string): Promise<Delivery[]> {
    return (await table.list(id, rowsOf('x'))).flatMap((row) => parseDelivery(row) ?? []);
  }

  const isOlder = (at: number, ageMs: number) => at < clock.now() - ageMs;

  return {
    async find(id) {
      const subscription = await subscriptions.get(id);
      return subscription && (await toStatus(subscription));
    },
    async list(skip, top) {
      const all = await subscriptions.list();
      const found = await Promise.all(all.slice(skip, skip + top).map(toStatus));
      return { found, hasMore: all.length > skip + top };
    },
    async remove(id) {
      await subscriptions.remove(id);
      const rows = await table.list(id);
      for (const delivery of rows.flatMap((row) => parseDelivery(row) ?? [])) await bodies.remove(delivery);
      await removeRows(rows);
    },
    listDeadLetters: readDeadLetters,
    async resendDeadLetters(id) {
      for (const dead of await readDeadLetters(id)) {
        const again = {
          ...dead,
          attempts: 0,
          firstAttemptAt: undefined,
          nextAttemptAt: clock.now(),
          deadLetteredAt: undefined,
        };
        await table.transact([
          remove(id, keyOf('x', dead)),
          { kind: 'upsert', entity: toRow('d', again) },
          { kind: 'upsert', entity: dueRow(again) },
        ]);
      }
      await queue.send({ subscriptionId: id });
    },
    async removeOld() {
      await bodies.removeOlder(clock.now() - deadLettersKeptMs - takenKeptMs);
      for (const { id } of await subscriptions.list()) {
        const taken = await table.list(id, rowsOf('t'));
        await removeRows(taken.filter(({ at }) => isOlder(Date.parse(String(at)), takenKeptMs)));
        for (const each of await readDeadLetters(id))
          if (isOlder(each.deadLetteredAt ?? 0, deadLettersKeptMs)) await removeDeadLetter(each);
      }
    },
  };
}
