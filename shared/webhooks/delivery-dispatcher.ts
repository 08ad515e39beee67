import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { LeaseLostError, leaseExpiresAt } from '../storage/lease.ts';
import type { Queue } from '../storage/queues.ts';
import type { Table } from '../storage/tables.ts';
import { resendDeadLetters, resendKey } from './dead-letters.ts';
import type { Deliver } from './deliver.ts';
import { deliverInOrder, type InOrderParts } from './deliver-in-order.ts';
import { parseDueKey, rowsOf } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import {
  acquireDispatcherLease,
  type DeliveryState,
  type DispatcherLease,
  getStateRow,
  readState,
} from './delivery-state.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Makes the deliveries that are due. */
export interface DeliveryDispatcher {
  /**
   * Delivers what is due to a subscriber, for at most a minute, and schedules the next run. If another instance holds the lease, it is
   * flagged to run again.
   * @throws {UpstreamError} of `storage`; the message that led here must be processed again.
   */
  run(subscriptionId: string): Promise<void>;
  /** Starts the runs that are overdue because their message was lost. */
  wakeOverdue(): Promise<void>;
}

export interface DispatcherParts {
  subscriptions: Subscriptions;
  table: Table;
  bodies: DeliveryBodies;
  queue: Queue;
  clock: Clock;
  deliver: Deliver;
  removeSubscription(id: string): Promise<void>;
}

/** An instance processes 24 messages at a time (host.json); receivers that fail get at most half of them. */
const maxSuspects = 12;
const suspectPauseMs = 5_000;
const orderingKeyConcurrency = 8;
const maxDueRows = 200;
const maxRunMs = 60_000;
const overdueGraceMs = 30_000;
const sweepConcurrency = 16;

export function createDeliveryDispatcher(parts: DispatcherParts): DeliveryDispatcher {
  const { subscriptions, table, queue, clock } = parts;
  let suspects = 0;

  async function runLeased(subscription: Subscription, lease: DispatcherLease): Promise<void> {
    const endAt = clock.now() + maxRunMs;
    do {
      await deliverDue(subscription, lease, endAt);
      await wakeForNext(subscription.id, lease);
    } while (!(await lease.release()));
  }

  async function deliverDue(subscription: Subscription, lease: DispatcherLease, endAt: number): Promise<void> {
    const inOrder: InOrderParts = { ...parts, subscription, lease, endAt };
    while (clock.now() < endAt) {
      const due = await findDue(subscription.id);
      if (due.size === 0) return;
      const handle = ([orderingKey, dueKeys]: [string, string[]]) =>
        orderingKey === resendKey ? resendDeadLetters(inOrder, dueKeys) : deliverInOrder(inOrder, orderingKey, dueKeys);
      await pMap(due, handle, { concurrency: orderingKeyConcurrency });
    }
  }

  /** The ordering keys that are due, each with the rows that say so. */
  async function findDue(subscriptionId: string): Promise<Map<string, string[]>> {
    const range = { from: 'q|', before: `q|${new Date(clock.now() + 1).toISOString()}`, top: maxDueRows };
    const byKey = new Map<string, string[]>();
    for (const { rowKey } of await table.list(subscriptionId, range)) {
      const { orderingKey } = parseDueKey(rowKey);
      byKey.set(orderingKey, [...(byKey.get(orderingKey) ?? []), rowKey]);
    }
    return byKey;
  }

  /** The message is sent before it is recorded: a crash in between loses none. */
  async function wakeForNext(subscriptionId: string, lease: DispatcherLease): Promise<void> {
    const [first] = await table.list(subscriptionId, { ...rowsOf('q'), top: 1 });
    if (first === undefined) return;
    const { dueAt } = parseDueKey(first.rowKey);
    const now = clock.now();
    const { nextWakeAt } = lease.state;
    if (nextWakeAt !== undefined && nextWakeAt > now && nextWakeAt <= dueAt) return;
    await queue.send({ subscriptionId }, Math.max(0, dueAt - now));
    await lease.commit([], (state) => ({ ...state, nextWakeAt: dueAt }));
  }

  async function isOverdue(subscriptionId: string): Promise<boolean> {
    const [first] = await table.list(subscriptionId, { ...rowsOf('q'), top: 1 });
    if (first === undefined || parseDueKey(first.rowKey).dueAt + overdueGraceMs > clock.now()) return false;
    return leaseExpiresAt(await getStateRow(table, subscriptionId)) < clock.now();
  }

  return {
    async run(subscriptionId) {
      const subscription = await subscriptions.get(subscriptionId);
      if (subscription === undefined) return;
      const isSuspect = isFailing(readState(await getStateRow(table, subscriptionId)));
      if (isSuspect && suspects >= maxSuspects) return void (await queue.send({ subscriptionId }, suspectPauseMs));
      if (isSuspect) suspects++;
      try {
        const attempt = await acquireDispatcherLease(table, clock, subscriptionId);
        if (attempt.kind === 'acquired') await runLeased(subscription, attempt.lease);
      } catch (error) {
        if (!(error instanceof LeaseLostError)) throw error;
      } finally {
        if (isSuspect) suspects--;
      }
    },
    async wakeOverdue() {
      const all = await subscriptions.list();
      await pMap(
        all,
        async ({ id }) => {
          if (await isOverdue(id)) await queue.send({ subscriptionId: id });
        },
        { concurrency: sweepConcurrency },
      );
    },
  };
}

/** Whether the last attempt failed: the next one may take all of its time. */
const isFailing = ({ lastFailure, lastDeliveryAt = 0 }: DeliveryState): boolean =>
  lastFailure !== undefined && lastFailure.at > lastDeliveryAt;
