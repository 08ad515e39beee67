import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { Queue } from '../storage/queues.ts';
import type { Table } from '../storage/tables.ts';
import type { Deliver } from './deliver.ts';
import { deliverInOrder, type InOrderParts } from './deliver-in-order.ts';
import { parseDueKey, rowsOf } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import {
  acquireDispatcherLease,
  type DeliveryState,
  type DispatcherLease,
  isDispatcherRunning,
  LeaseLostError,
  readDeliveryState,
} from './dispatcher-lease.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Delivers what waits. */
export interface DeliveryDispatcher {
  /**
   * Delivers to a subscriber all that is due, for a minute at most, and sees to it that the rest is delivered in its time. Where somebody
   * is at it already, that one is told that there is more.
   * @throws {UpstreamError} of `storage`; the message that has led here has to come again then.
   */
  run(subscriptionId: string): Promise<void>;
  /** Wakes whoever should be delivering and is not: a message may get lost with whoever had it. */
  wakeOverdue(): Promise<void>;
}

export interface DispatcherParts {
  subscriptions: Subscriptions;
  table: Table;
  bodies: DeliveryBodies;
  queue: Queue;
  clock: Clock;
  deliver: Deliver;
  /** Removes a subscription with all that it has. */
  removeSubscription(id: string): Promise<void>;
}

/** Of the 24 messages that an instance works on at a time (host.json), those of receivers that fail may take up half. */
const maxSuspects = 12;
const suspectPauseMs = 5_000;
const orderingKeyConcurrency = 8;
const maxDueRows = 200;
const runLimitMs = 60_000;
const overdueGraceMs = 30_000;
const sweepConcurrency = 16;

export function createDeliveryDispatcher(parts: DispatcherParts): DeliveryDispatcher {
  const { subscriptions, table, queue, clock } = parts;
  let suspects = 0;

  async function runLeased(subscription: Subscription, lease: DispatcherLease): Promise<void> {
    const endAt = clock.now() + runLimitMs;
    do {
      await deliverDue(subscription, lease, endAt);
      await wakeForNext(subscription.id, lease);
    } while (!(await lease.release()));
  }

  async function deliverDue(subscription: Subscription, lease: DispatcherLease, endAt: number): Promise<void> {
    const orderingKeys: InOrderParts = { ...parts, subscription, lease, endAt };
    while (clock.now() < endAt) {
      const due = await findDue(subscription.id);
      if (due.size === 0) return;
      await pMap(due, ([orderingKey, dueKeys]) => deliverInOrder(orderingKeys, orderingKey, dueKeys), {
        concurrency: orderingKeyConcurrency,
      });
    }
  }

  /** The lanes that are due, each with the rows that say so. */
  async function findDue(subscriptionId: string): Promise<Map<string, string[]>> {
    const range = { from: 'q|', before: `q|${new Date(clock.now() + 1).toISOString()}`, top: maxDueRows };
    const byLane = new Map<string, string[]>();
    for (const { rowKey } of await table.list(subscriptionId, range)) {
      const { orderingKey } = parseDueKey(rowKey);
      byLane.set(orderingKey, [...(byLane.get(orderingKey) ?? []), rowKey]);
    }
    return byLane;
  }

  /** One message is under way at a time; sent before it is noted, so that a crash between the two loses none. */
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

  /** Something has been due for a while, and nobody is at it. */
  async function isOverdue(subscriptionId: string): Promise<boolean> {
    const [first] = await table.list(subscriptionId, { ...rowsOf('q'), top: 1 });
    if (first === undefined || parseDueKey(first.rowKey).dueAt + overdueGraceMs > clock.now()) return false;
    return !(await isDispatcherRunning(table, subscriptionId, clock.now()));
  }

  return {
    async run(subscriptionId) {
      const subscription = await subscriptions.get(subscriptionId);
      if (subscription === undefined) return;
      const isSuspect = isFailing(await readDeliveryState(table, subscriptionId));
      if (isSuspect && suspects >= maxSuspects) return await queue.send({ subscriptionId }, suspectPauseMs);
      if (isSuspect) suspects++;
      try {
        const lease = await acquireDispatcherLease(table, clock, subscriptionId);
        if (lease !== undefined) await runLeased(subscription, lease);
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

/** Whether the last try failed: the next one may well take up all of its time. */
const isFailing = ({ lastFailure, lastDeliveryAt = 0 }: DeliveryState): boolean =>
  lastFailure !== undefined && lastFailure.at > lastDeliveryAt;
