import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { Observe } from '../outbound/observation.ts';
import { LeaseLostError, leaseExpiresAt } from '../storage/lease.ts';
import type { Table } from '../storage/tables.ts';
import { resendDeadLetters, resendKey } from './dead-letters.ts';
import type { Deliver } from './deliver.ts';
import { type DeliveryRun, deliverInOrder } from './deliver-in-order.ts';
import { parseDueKey, rowsOf } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import { acquireDispatcherLease, getStateRow, isSuspect, readState } from './delivery-state.ts';
import type { CanOwnerActIn } from './subscription.ts';
import type { SubscriptionRemoval } from './subscription-removal.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { WakeUpMessage, WakeUps } from './wake-ups.ts';

/** Makes the deliveries that are due. */
export interface DeliveryDispatcher {
  /**
   * Delivers what is due to a subscriber, for at most a minute, and schedules the next run. If another instance holds the lease, it is
   * flagged to run again.
   * @throws {UpstreamError} of `storage`; the message must be processed again.
   */
  run(message: WakeUpMessage): Promise<void>;
  /** Starts the runs that are overdue because their message was lost. */
  wakeOverdue(): Promise<void>;
}

export interface DispatcherParts {
  subscriptions: Subscriptions;
  removal: SubscriptionRemoval;
  table: Table;
  bodies: DeliveryBodies;
  wakeUps: WakeUps;
  clock: Clock;
  deliver: Deliver;
  observe: Observe;
  canOwnerActIn: CanOwnerActIn;
}

/**
 * The host receives messages as long as at most 8 are processed (`newBatchThreshold` in host.json): receivers that fail or are slow must
 * not take all of them.
 */
const maxSuspects = 6;
const suspectPauseMs = 30_000;
const maxRunMs = 60_000;
const maxSuspectRunMs = 15_000;
const orderingKeyConcurrency = 8;
const suspectConcurrency = 2;
const maxDueRows = 200;
const overdueGraceMs = 30_000;
const sweepConcurrency = 16;

export function createDeliveryDispatcher(parts: DispatcherParts): DeliveryDispatcher {
  const { subscriptions, removal, table, wakeUps, clock } = parts;
  let suspects = 0;

  async function runOne(subscriptionId: string): Promise<void> {
    const state = readState(await getStateRow(table, subscriptionId));
    const { pausedUntil = 0 } = state;
    if (pausedUntil > clock.now()) return await wakeUps.request(subscriptionId, pausedUntil);
    if (!isSuspect(state)) return await runLeased(subscriptionId, maxRunMs, orderingKeyConcurrency);
    if (suspects >= maxSuspects) return await wakeUps.request(subscriptionId, clock.now() + suspectPauseMs);
    suspects++;
    try {
      await runLeased(subscriptionId, maxSuspectRunMs, suspectConcurrency);
    } finally {
      suspects--;
    }
  }

  async function runLeased(subscriptionId: string, limitMs: number, concurrency: number): Promise<void> {
    const target = await subscriptions.readTarget(subscriptionId);
    if (target === undefined) return;
    const attempt = await acquireDispatcherLease(table, clock, subscriptionId);
    // The owner may have crashed.
    if (attempt.kind === 'taken') return await wakeUps.request(subscriptionId, attempt.expiresAt);
    if (attempt.kind === 'declined') return;
    const { lease } = attempt;
    const canActIn = (tenantId: string) => parts.canOwnerActIn(target.createdBy, tenantId);
    const common = { ...parts, subscriptionId, canActIn, target, lease };
    const run: DeliveryRun = { ...common, endAt: clock.now() + limitMs, isGone: false };
    do {
      await deliverDue(run, concurrency);
      if (run.isGone) return await endSubscription(subscriptionId);
      await scheduleNext(run);
    } while (!(await lease.release()));
  }

  async function endSubscription(subscriptionId: string): Promise<void> {
    await subscriptions.remove(subscriptionId);
    await removal.purge(subscriptionId);
  }

  async function deliverDue(run: DeliveryRun, concurrency: number): Promise<void> {
    while (clock.now() < run.endAt) {
      const due = await findDue(run.subscriptionId);
      if (due.size === 0) return;
      const handle = ([orderingKey, dueKeys]: [string, string[]]) =>
        orderingKey === resendKey ? resendDeadLetters(run, dueKeys) : deliverInOrder(run, orderingKey, dueKeys);
      await pMap(due, handle, { concurrency });
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

  async function findNextDueAt(subscriptionId: string): Promise<number | undefined> {
    const [first] = await table.list(subscriptionId, { ...rowsOf('q'), top: 1 });
    return first && parseDueKey(first.rowKey).dueAt;
  }

  async function scheduleNext({ subscriptionId, lease }: DeliveryRun): Promise<void> {
    const dueAt = await findNextDueAt(subscriptionId);
    if (dueAt !== undefined) await wakeUps.request(subscriptionId, Math.max(dueAt, lease.state.pausedUntil ?? 0));
  }

  async function wakeIfOverdue(subscriptionId: string): Promise<void> {
    const dueAt = await findNextDueAt(subscriptionId);
    if (dueAt === undefined || dueAt + overdueGraceMs > clock.now()) return;
    const row = await getStateRow(table, subscriptionId);
    const { pausedUntil = 0 } = readState(row);
    if (Math.max(leaseExpiresAt(row), pausedUntil) < clock.now()) await wakeUps.request(subscriptionId, clock.now());
  }

  return {
    async run(message) {
      const { subscriptionId } = message;
      await wakeUps.acknowledge(message);
      if (await subscriptions.isRemoved(subscriptionId)) return await removal.purge(subscriptionId);
      try {
        await runOne(subscriptionId);
      } catch (error) {
        if (!(error instanceof LeaseLostError)) throw error;
      }
    },
    async wakeOverdue() {
      await pMap(await subscriptions.list(), ({ id }) => wakeIfOverdue(id), { concurrency: sweepConcurrency });
    },
  };
}
