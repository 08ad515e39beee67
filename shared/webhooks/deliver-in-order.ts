import type { Clock } from '../clock.ts';
import type { Table, TableChange } from '../storage/tables.ts';
import type { Deliver } from './deliver.ts';
import {
  type Delivery,
  type DeliveryFailure,
  dueRow,
  keyOf,
  parseDelivery,
  remove,
  rowsOf,
  toRow,
} from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import type { DeliveryState, DispatcherLease } from './delivery-state.ts';
import { nextAttemptAt } from './retry-schedule.ts';
import type { Subscription } from './subscription.ts';

export interface InOrderParts {
  table: Table;
  bodies: DeliveryBodies;
  clock: Clock;
  deliver: Deliver;
  removeSubscription(id: string): Promise<void>;
  subscription: Subscription;
  lease: DispatcherLease;
  /** Epoch milliseconds after which no attempt begins. */
  endAt: number;
}

/**
 * Makes the due deliveries of one ordering key, one after the other. `dueKeys` are the rows that say that it is due: they are removed
 * after the last delivery, or when the first has to wait.
 */
export async function deliverInOrder(
  parts: InOrderParts,
  orderingKey: string,
  dueKeys: readonly string[],
): Promise<void> {
  const { table, clock, subscription, lease, endAt } = parts;
  const done = dueKeys.slice(0, maxDueKeys).map((key) => remove(subscription.id, key));
  for (;;) {
    const [head] = (await table.list(subscription.id, { ...rowsOf('d', orderingKey), top: 1 })).flatMap(
      (row) => parseDelivery(row) ?? [],
    );
    // A delivery that waits has a due row of its own.
    if (head === undefined || head.nextAttemptAt > clock.now()) return await lease.commit(done);
    if (clock.now() >= endAt) return;
    if ((await attempt(parts, head, done)) === 'ended') return;
  }
}

/** Per transaction; the others make the ordering key due once more. */
const maxDueKeys = 50;

async function attempt(parts: InOrderParts, head: Delivery, done: TableChange[]): Promise<'goesOn' | 'ended'> {
  const { bodies, deliver, removeSubscription, subscription, lease } = parts;
  const text = await bodies.read(head);
  const outcome =
    text === undefined
      ? { kind: 'failed' as const, failure: { at: parts.clock.now(), detail: 'The stored body is missing.' } }
      : await deliver(subscription, head.webhookId, text);
  switch (outcome.kind) {
    case 'delivered':
      await lease.commit(removeDelivery(head), (state) => countDelivered(state, parts.clock.now()));
      await bodies.remove(head);
      return 'goesOn';
    case 'gone':
      await removeSubscription(subscription.id);
      return 'ended';
    case 'failed':
      return await postpone(parts, head, outcome.failure, done);
  }
}

/** Schedules the next attempt, or makes the delivery a dead letter. */
async function postpone(
  { lease }: InOrderParts,
  head: Delivery,
  lastFailure: DeliveryFailure,
  done: TableChange[],
): Promise<'goesOn' | 'ended'> {
  const { firstAttemptAt = lastFailure.at } = head;
  const attempted = { ...head, attempts: head.attempts + 1, firstAttemptAt, lastFailure };
  const nextAt = nextAttemptAt(attempted.attempts, firstAttemptAt, lastFailure.at);
  if (nextAt === undefined) {
    const deadLetter = toRow('x', { ...attempted, deadLetteredAt: lastFailure.at });
    const changes: TableChange[] = [
      remove(head.subscriptionId, keyOf('d', head)),
      { kind: 'upsert', entity: deadLetter },
    ];
    await lease.commit(changes, (state) => ({ ...state, lastFailure, deadLettered: state.deadLettered + 1 }));
    return 'goesOn';
  }
  const waiting = { ...attempted, nextAttemptAt: nextAt };
  const changes: TableChange[] = [
    { kind: 'upsert', entity: toRow('d', waiting) },
    { kind: 'upsert', entity: dueRow(waiting) },
    ...done.filter((change) => change.kind !== 'delete' || change.rowKey !== dueRow(waiting).rowKey),
  ];
  await lease.commit(changes, (state) => ({ ...state, lastFailure }));
  return 'ended';
}

const removeDelivery = (delivery: Delivery): TableChange[] => [
  remove(delivery.subscriptionId, keyOf('d', delivery)),
  remove(delivery.subscriptionId, keyOf('b', delivery)),
];

const countDelivered = (state: DeliveryState, now: number): DeliveryState => ({
  ...state,
  delivered: state.delivered + 1,
  lastDeliveryAt: now,
});
