import type { Clock } from '../clock.ts';
import type { Queue } from '../storage/queues.ts';
import type { Table, TableChange, TableEntity } from '../storage/tables.ts';
import { groupByTransaction } from '../storage/transaction-groups.ts';
import { expireDeadLetters, resendKey } from './dead-letters.ts';
import { type Delivery, dueRow, parseDelivery, remove, rowsOf } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import { acquireDispatcherLease, type DeliveryState, readProgress } from './delivery-state.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A subscription, and how deliveries to it have been going. */
export interface SubscriptionStatus extends DeliveryState {
  subscription: Subscription;
  waiting: number;
}

/** Operations of administrators on subscriptions. Each fails as the storage does. */
export interface SubscriptionAdmin {
  find(id: string): Promise<SubscriptionStatus | undefined>;
  /** Oldest first. */
  list(skip: number, top: number): Promise<{ found: SubscriptionStatus[]; hasMore: boolean }>;
  /** Removes a subscription with its deliveries, if it exists. */
  remove(id: string): Promise<void>;
  listDeadLetters(id: string): Promise<Delivery[]>;
  /** Requests that the dead letters are delivered as if they were new. */
  resendDeadLetters(id: string): Promise<void>;
  /** Removes what is past its retention. */
  removeOld(): Promise<void>;
}

const dayMs = 24 * 60 * 60_000;
/** No event is published again so late. */
const acceptedRetentionMs = 2 * dayMs;
const deadLetterRetentionMs = 30 * dayMs;

export function createSubscriptionAdmin(
  subscriptions: Subscriptions,
  table: Table,
  bodies: DeliveryBodies,
  queue: Queue,
  clock: Clock,
): SubscriptionAdmin {
  async function toStatus(subscription: Subscription): Promise<SubscriptionStatus> {
    const { state, waiting } = await readProgress(table, subscription.id);
    return { ...state, subscription, waiting };
  }

  async function transact(changes: readonly TableChange[]): Promise<void> {
    for (const group of groupByTransaction(changes.map((change) => ({ changes: [change] })))) {
      if (await table.transact(group.flatMap((each) => each.changes))) continue;
      // Another instance removes the same rows.
      for (const [change] of group.map((each) => each.changes))
        if (change?.kind === 'delete') await table.delete(change.partitionKey, change.rowKey);
    }
  }

  const removeRows = (rows: readonly TableEntity[]) =>
    transact(rows.map(({ partitionKey, rowKey }) => remove(partitionKey, rowKey)));

  async function removeOldOf(subscription: Subscription): Promise<void> {
    const { id } = subscription;
    const accepted = await table.list(id, rowsOf('t'));
    await removeRows(accepted.filter(({ at }) => Date.parse(String(at)) < clock.now() - acceptedRetentionMs));
    const { state } = await readProgress(table, id);
    if (state.deadLettered === 0) return;
    const attempt = await acquireDispatcherLease(table, clock, id);
    if (attempt.kind !== 'acquired') return;
    const parts = { table, bodies, clock, subscription, lease: attempt.lease };
    await expireDeadLetters(parts, clock.now() - deadLetterRetentionMs);
    let isAskedToRun = false;
    while (!(await attempt.lease.release())) isAskedToRun = true;
    if (isAskedToRun) await queue.send({ subscriptionId: id });
  }

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
    async listDeadLetters(id) {
      return (await table.list(id, rowsOf('x'))).flatMap((row) => parseDelivery(row) ?? []);
    },
    async resendDeadLetters(id) {
      const request = { subscriptionId: id, orderingKey: resendKey, version: '', nextAttemptAt: clock.now() };
      await table.upsert(dueRow(request));
      await queue.send({ subscriptionId: id });
    },
    async removeOld() {
      await bodies.removeOlder(clock.now() - deadLetterRetentionMs - acceptedRetentionMs);
      for (const subscription of await subscriptions.list()) await removeOldOf(subscription);
    },
  };
}
