import type { Clock } from '../clock.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { expireDeadLetters } from './dead-letters.ts';
import { after, rowsOf } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import { acquireDispatcherLease, getStateRow, readState } from './delivery-state.ts';
import { removeRows, type SubscriptionRemoval } from './subscription-removal.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { WakeUps } from './wake-ups.ts';

interface CleanupParts {
  subscriptions: Subscriptions;
  removal: SubscriptionRemoval;
  table: Table;
  bodies: DeliveryBodies;
  wakeUps: WakeUps;
  clock: Clock;
}

const dayMs = 24 * 60 * 60_000;
/** No event is published again so late. */
const acceptedRetentionMs = 2 * dayMs;
const deadLetterRetentionMs = 30 * dayMs;
const pageSize = 1_000;

/**
 * Removes what is past its retention, and what removed subscriptions and crashed runs left behind: page by page, until `deadlineAt` (epoch
 * milliseconds). A failure does not keep the other subscriptions from being cleaned up.
 * @throws the first failure, at the end.
 */
export async function cleanUpDeliveries(parts: CleanupParts, deadlineAt: number): Promise<void> {
  const { subscriptions, removal, bodies, clock } = parts;
  const failures: unknown[] = [];
  const run = async (step: () => Promise<void>) => {
    if (clock.now() < deadlineAt) await step().catch((error: unknown) => failures.push(error));
  };
  await run(() => bodies.removeOlder(clock.now() - deadLetterRetentionMs - acceptedRetentionMs, deadlineAt));
  for (const removed of await subscriptions.listRemoved()) await run(() => removal.purgeRemoved(removed, deadlineAt));
  for (const { id } of await subscriptions.list()) await run(() => cleanUp(parts, id, deadlineAt));
  if (failures.length > 0) throw failures[0];
}

async function cleanUp(parts: CleanupParts, subscriptionId: string, deadlineAt: number): Promise<void> {
  const { table, clock, wakeUps } = parts;
  await removeAccepted(parts, subscriptionId, deadlineAt);
  if (readState(await getStateRow(table, subscriptionId)).deadLettered === 0) return;
  const attempt = await acquireDispatcherLease(table, clock, subscriptionId);
  if (attempt.kind !== 'acquired') return;
  const { lease } = attempt;
  await expireDeadLetters({ ...parts, subscriptionId, lease }, clock.now() - deadLetterRetentionMs, deadlineAt);
  while (!(await lease.release())) await wakeUps.request(subscriptionId, clock.now());
}

async function removeAccepted({ table, clock }: CleanupParts, id: string, deadlineAt: number): Promise<void> {
  const isOld = ({ at }: TableEntity) => Date.parse(String(at)) < clock.now() - acceptedRetentionMs;
  const range = rowsOf('t');
  for (let { from } = range; clock.now() < deadlineAt; ) {
    const rows = await table.list(id, { from, before: range.before, top: pageSize });
    await removeRows(table, rows.filter(isOld));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    from = after(last.rowKey);
  }
}
