import type { Clock } from '../clock.ts';
import type { Observation, Observe } from '../outbound/observation.ts';
import type { Table, TableChange } from '../storage/tables.ts';
import { type Attempt, type Deliver, type DeliveryTarget, maxAttemptMs } from './deliver.ts';
import { type Delivery, dueRow, keyOf, parseDelivery, remove, rowsOf, toRow } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import { type DeliveryState, type DispatcherLease, slowAttemptMs } from './delivery-state.ts';

/** One run of the dispatcher for one subscription. */
export interface DeliveryRun {
  table: Table;
  bodies: DeliveryBodies;
  clock: Clock;
  deliver: Deliver;
  observe: Observe;
  subscriptionId: string;
  /** Whether the owner of the subscription may act in a tenant now. */
  canActIn(tenantId: string): Promise<boolean>;
  target: DeliveryTarget;
  lease: DispatcherLease;
  /** Epoch milliseconds after which no attempt begins. Slow and failing receivers end the run early. */
  endAt: number;
  /** Whether the receiver has ended the subscription. */
  isGone: boolean;
}

/** Per transaction; the others make the ordering key due once more. */
const maxDueKeys = 50;
const minLeaseMs = maxAttemptMs + 10_000;

/**
 * Makes the due deliveries of one ordering key, one after the other. `dueKeys` are the rows that say that it is due: they are removed
 * after the last delivery, or when the first has to wait.
 */
export async function deliverInOrder(run: DeliveryRun, orderingKey: string, dueKeys: readonly string[]): Promise<void> {
  const { table, clock, subscriptionId, lease } = run;
  const done = dueKeys.slice(0, maxDueKeys).map((key) => remove(subscriptionId, key));
  for (;;) {
    const [head] = (await table.list(subscriptionId, { ...rowsOf('d', orderingKey), top: 1 })).flatMap(
      (row) => parseDelivery(row) ?? [],
    );
    // A delivery that waits has a due row of its own.
    if (head === undefined || head.nextAttemptAt > clock.now()) return await lease.commit(done);
    if (clock.now() >= run.endAt) return;
    // The lease must outlive the attempt, or another instance delivers the next version at the same time.
    if (clock.now() + minLeaseMs >= lease.expiresAt) await lease.commit();
    if ((await deliverHead(run, head, done)) === 'ended') return;
  }
}

async function deliverHead(run: DeliveryRun, head: Delivery, done: TableChange[]): Promise<'goesOn' | 'ended'> {
  const { bodies, clock, deliver, target, lease } = run;
  if (!(await run.canActIn(head.tenantId))) {
    await lease.commit(removeDelivery(head), (state) => ({ ...state, discarded: state.discarded + 1 }));
    await bodies.remove(head);
    return 'goesOn';
  }
  const body = await bodies.read(head);
  const startedAt = clock.now();
  const attempt: Attempt =
    body === undefined
      ? { kind: 'failed', failure: { at: startedAt, detail: 'The stored body is missing.' }, isFinal: true }
      : await deliver(target, head.webhookId, body);
  const lastAttemptMs = Math.max(0, Math.round(clock.now() - startedAt));
  if (lastAttemptMs > slowAttemptMs) run.endAt = Math.min(run.endAt, clock.now());
  switch (attempt.kind) {
    case 'delivered':
      await lease.commit(removeDelivery(head), (state) => countDelivered(state, clock.now(), lastAttemptMs));
      await bodies.remove(head);
      return 'goesOn';
    case 'gone':
      run.isGone = true;
      run.endAt = Math.min(run.endAt, clock.now());
      return 'ended';
    case 'failed':
      return await postpone(run, head, { ...attempt, lastAttemptMs }, done);
  }
}

type FailedAttempt = Extract<Attempt, { kind: 'failed' }> & { lastAttemptMs: number };

/** Schedules the next attempt, or makes the delivery a dead letter. */
async function postpone(
  run: DeliveryRun,
  head: Delivery,
  { failure, retryAfterMs, pausedForMs, lastAttemptMs, isFinal }: FailedAttempt,
  done: TableChange[],
): Promise<'goesOn' | 'ended'> {
  const { firstAttemptAt = failure.at } = head;
  const attempted = { ...head, attempts: head.attempts + 1, firstAttemptAt, lastFailure: failure };
  const times = { count: attempted.attempts, firstAt: firstAttemptAt, lastAt: failure.at, retryAfterMs };
  const nextAt = isFinal ? undefined : nextAttemptAt(times);
  const pause = pausedForMs === undefined ? undefined : { pausedUntil: failure.at + pausedForMs };
  if (pause !== undefined) run.endAt = Math.min(run.endAt, failure.at);
  const fail = (state: DeliveryState) => ({ ...state, ...pause, lastFailure: failure, lastAttemptMs });
  if (nextAt === undefined) {
    const changes = toDeadLetter({ ...attempted, deadLetteredAt: failure.at });
    await run.lease.commit(changes, (state) => ({ ...fail(state), deadLettered: state.deadLettered + 1 }));
    run.observe(toGivenUp(attempted));
    return 'goesOn';
  }
  await run.lease.commit(toPostponed({ ...attempted, nextAttemptAt: nextAt }, done), fail);
  return 'ended';
}

function toGivenUp({ tenantId, subscriptionId, type, attempts, lastFailure }: Delivery): Observation {
  const code = lastFailure?.status?.toString() ?? lastFailure?.code;
  return { name: 'DeliveryGivenUp', tenantId, subscriptionId, type, attempts, ...(code !== undefined && { code }) };
}

const toDeadLetter = (letter: Delivery): TableChange[] => [
  remove(letter.subscriptionId, keyOf('d', letter)),
  { kind: 'upsert', entity: toRow('x', letter) },
];

const toPostponed = (delivery: Delivery, done: readonly TableChange[]): TableChange[] => [
  { kind: 'upsert', entity: toRow('d', delivery) },
  { kind: 'upsert', entity: dueRow(delivery) },
  ...done.filter((change) => change.kind !== 'delete' || change.rowKey !== dueRow(delivery).rowKey),
];

const removeDelivery = (delivery: Delivery): TableChange[] => [
  remove(delivery.subscriptionId, keyOf('d', delivery)),
  remove(delivery.subscriptionId, keyOf('b', delivery)),
];

const countDelivered = (state: DeliveryState, now: number, lastAttemptMs: number): DeliveryState => ({
  ...state,
  delivered: state.delivered + 1,
  lastDeliveryAt: now,
  lastAttemptMs,
  pausedUntil: undefined,
});

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Delay after each failed attempt; the last one repeats. */
const delays = [
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
];
const maxDelay = 4 * hourMs;
const maxAgeMs = 24 * hourMs;

interface FailedAttempts {
  /** How many there were. */
  count: number;
  firstAt: number;
  lastAt: number;
  /** The receiver's `Retry-After`: it can only make the delay longer. */
  retryAfterMs?: number | undefined;
}

/** When to retry. Undefined once 24 hours have passed since the first attempt. Instants are epoch milliseconds. */
export function nextAttemptAt({ count, firstAt, lastAt, retryAfterMs = 0 }: FailedAttempts): number | undefined {
  const at = lastAt + Math.max(delays[count - 1] ?? maxDelay, retryAfterMs);
  return at > firstAt + maxAgeMs ? undefined : at;
}
