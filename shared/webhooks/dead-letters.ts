import type { Clock } from '../clock.ts';
import type { Table, TableChange } from '../storage/tables.ts';
import { after, type Delivery, dueRow, keyOf, parseDelivery, parseDueKey, remove, rowsOf, toRow } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import type { DeliveryState, DispatcherLease } from './delivery-state.ts';

/** The ordering key of the due row that asks for dead letters to be resent. */
export const resendKey = 'resend';

interface DeadLetterParts {
  table: Table;
  bodies: DeliveryBodies;
  clock: Clock;
  subscriptionId: string;
  lease: DispatcherLease;
}

/** Three rows each, and the request. */
const maxPerTransaction = 30;

/** Delivers the dead letters of a subscription as if they were new, except those younger than the requests in `dueKeys`. */
export async function resendDeadLetters(parts: DeadLetterParts, dueKeys: readonly string[]): Promise<void> {
  const { table, bodies, clock, subscriptionId, lease } = parts;
  const requestedAt = Math.max(...dueKeys.map((key) => parseDueKey(key).dueAt));
  for await (const letters of readDeadLetterPages(table, subscriptionId, maxPerTransaction)) {
    const resent = letters.filter(({ deadLetteredAt = 0 }) => deadLetteredAt <= requestedAt);
    await Promise.all(resent.map((letter) => bodies.keep(letter)));
    if (resent.length === 0) continue;
    const changes = resent.flatMap((letter) => toResent(letter, clock.now()));
    await lease.commit(changes, (state) => ({ ...state, deadLettered: state.deadLettered - resent.length }));
  }
  await lease.commit(dueKeys.slice(0, maxDueKeys).map((key) => remove(subscriptionId, key)));
}

const maxDueKeys = 50;

function toResent(letter: Delivery, now: number): TableChange[] {
  const again = {
    ...letter,
    attempts: 0,
    firstAttemptAt: undefined,
    nextAttemptAt: now,
    deadLetteredAt: undefined,
  };
  return [
    remove(letter.subscriptionId, keyOf('x', letter)),
    { kind: 'upsert', entity: toRow('d', again) },
    { kind: 'upsert', entity: dueRow(again) },
  ];
}

/** Removes the dead letters from before an instant, page by page until `deadlineAt` (both in epoch milliseconds). */
export async function expireDeadLetters(parts: DeadLetterParts, before: number, deadlineAt: number): Promise<void> {
  const { table, bodies, subscriptionId, lease } = parts;
  for await (const letters of readDeadLetterPages(table, subscriptionId, maxPerTransaction)) {
    const expired = letters.filter(({ deadLetteredAt = 0 }) => deadLetteredAt < before);
    const changes = expired.flatMap((letter) => [
      remove(subscriptionId, keyOf('x', letter)),
      remove(subscriptionId, keyOf('b', letter)),
    ]);
    if (expired.length > 0) await lease.commit(changes, (state) => countExpired(state, expired.length));
    await Promise.all(expired.map((letter) => bodies.remove(letter)));
    if (parts.clock.now() >= deadlineAt) return;
  }
}

const countExpired = (state: DeliveryState, count: number): DeliveryState => ({
  ...state,
  deadLettered: state.deadLettered - count,
  discarded: state.discarded + count,
});

/** The dead letters of a subscription after a row key, in the order of their row keys. */
async function* readDeadLetterPages(
  table: Table,
  subscriptionId: string,
  pageSize: number,
): AsyncGenerator<Delivery[]> {
  const { before, from: first } = rowsOf('x');
  for (let from = first; ; ) {
    const rows = await table.list(subscriptionId, { from, before, top: pageSize });
    yield rows.flatMap((row) => parseDelivery(row) ?? []);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    from = after(last.rowKey);
  }
}
