import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import { maxChanges, type Table, type TableChange, type TableEntity } from '../storage/tables.ts';
import { type DeliveryFailure, failureSchema } from './delivery.ts';

/** How deliveries to a subscriber have been going. Instants are epoch milliseconds. */
export interface DeliveryState {
  delivered: number;
  lastDeliveryAt: number | undefined;
  lastFailure: DeliveryFailure | undefined;
  /** When a message comes that wakes whoever delivers. */
  nextWakeAt: number | undefined;
}

/** Being the only one who delivers to a subscriber. */
export interface DispatcherLease {
  readonly state: DeliveryState;
  /**
   * Makes changes in the subscription's partition and takes over the new state, all or nothing. What is asked for while another commit is
   * under way goes along with the next.
   * @throws {LeaseLostError} when another one delivers meanwhile, or the subscription is gone.
   */
  commit(changes: readonly TableChange[], update?: (state: DeliveryState) => DeliveryState): Promise<void>;
  /** False when somebody came meanwhile with more to do: the lease goes on then. */
  release(): Promise<boolean>;
}

export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

const rowKey = 'pump';
const leaseMs = 60_000;

const rowSchema = z.object({
  owner: z.optional(z.string()),
  leasedUntil: z.optional(z.iso.datetime()),
  isWoken: z.optional(z.boolean()),
  delivered: z.optional(z.string()),
  lastDeliveryAt: z.optional(z.iso.datetime()),
  lastFailure: z.optional(z.string()),
  nextWakeAt: z.optional(z.iso.datetime()),
  etag: z.string(),
});
type Row = z.output<typeof rowSchema>;

export async function readDeliveryState(table: Table, subscriptionId: string): Promise<DeliveryState> {
  return toState(await readRow(table, subscriptionId));
}

/** Whether somebody delivers, or is to be taken for somebody who does. */
export async function isDispatcherRunning(table: Table, subscriptionId: string, now: number): Promise<boolean> {
  const { leasedUntil } = (await readRow(table, subscriptionId)) ?? {};
  return leasedUntil !== undefined && Date.parse(leasedUntil) >= now;
}

/** Undefined when somebody else has the lease, who then goes on for us. */
export async function acquireDispatcherLease(
  table: Table,
  clock: Clock,
  subscriptionId: string,
): Promise<DispatcherLease | undefined> {
  const owner = randomUUID();
  for (;;) {
    const row = await readRow(table, subscriptionId);
    const isFree = row?.leasedUntil === undefined || Date.parse(row.leasedUntil) <= clock.now();
    const entity = isFree
      ? { ...toEntity(subscriptionId, toState(row)), owner, leasedUntil: leaseEnd(clock) }
      : { ...toEntity(subscriptionId, toState(row)), owner: row.owner, leasedUntil: row.leasedUntil, isWoken: true };
    const wasApplied = row === undefined ? await table.insert(entity) : await table.replace(entity, row.etag);
    if (wasApplied) return isFree ? await openLease(table, clock, subscriptionId, owner) : undefined;
  }
}

async function openLease(table: Table, clock: Clock, subscriptionId: string, owner: string): Promise<DispatcherLease> {
  let row = await requireOwn();
  let state = toState(row);
  const waiting: { changes: readonly TableChange[]; update: (state: DeliveryState) => DeliveryState }[] = [];
  let committing = Promise.resolve();

  async function requireOwn(): Promise<Row> {
    const found = await readRow(table, subscriptionId);
    if (found?.owner === owner) return found;
    throw new LeaseLostError('Somebody else delivers to this subscriber, or nobody any more');
  }

  async function commitWaiting(): Promise<void> {
    const together = takeTogether(waiting);
    if (together.length === 0) return;
    const changes = together.flatMap((each) => each.changes);
    const next = together.reduce((former, { update }) => update(former), state);
    while (!(await put(changes, { ...toEntity(subscriptionId, next), owner, leasedUntil: leaseEnd(clock) }))) {
      const { etag } = row;
      row = await requireOwn();
      // Not because somebody woke us: one of the changes cannot be made. What is gone already is as it should be.
      if (row.etag === etag) await putEach(table, changes);
      if (row.etag === etag) changes.splice(0);
    }
    state = next;
    row = await requireOwn();
  }

  function put(changes: readonly TableChange[], entity: TableEntity): Promise<boolean> {
    return table.transact([
      ...changes,
      { kind: 'replace', entity: { ...entity, isWoken: row.isWoken }, etag: row.etag },
    ]);
  }

  return {
    get state() {
      return state;
    },
    commit(changes, update = (former) => former) {
      waiting.push({ changes, update });
      // What fails once fails for all that follow: nobody may take it for made.
      committing = committing.then(commitWaiting);
      committing.catch(() => {});
      return committing;
    },
    async release() {
      await committing;
      const free = toEntity(subscriptionId, state);
      if (!row.isWoken && (await table.replace(free, row.etag))) return true;
      row = await requireOwn();
      await table.replace({ ...free, owner, leasedUntil: leaseEnd(clock) }, row.etag);
      row = await requireOwn();
      return false;
    },
  };
}

/** As many as a transaction takes beside the lease's own row. */
function takeTogether<T extends { changes: readonly TableChange[] }>(waiting: T[]): T[] {
  let changes = 0;
  const end = waiting.findIndex((each) => {
    changes += each.changes.length;
    return changes >= maxChanges;
  });
  return waiting.splice(0, end < 0 ? waiting.length : Math.max(1, end));
}

async function putEach(table: Table, changes: readonly TableChange[]): Promise<void> {
  for (const change of changes) {
    if (change.kind === 'delete') await table.delete(change.partitionKey, change.rowKey);
    else await table.upsert(change.entity);
  }
}

const leaseEnd = (clock: Clock): string => new Date(clock.now() + leaseMs).toISOString();

async function readRow(table: Table, subscriptionId: string): Promise<Row | undefined> {
  return rowSchema.safeParse(await table.get(subscriptionId, rowKey)).data;
}

function toState(row: Row | undefined): DeliveryState {
  const { delivered = '0', lastDeliveryAt, lastFailure, nextWakeAt } = row ?? {};
  return {
    delivered: Number(delivered),
    lastDeliveryAt: parseOptionalInstant(lastDeliveryAt),
    lastFailure: lastFailure === undefined ? undefined : failureSchema.parse(JSON.parse(lastFailure)),
    nextWakeAt: parseOptionalInstant(nextWakeAt),
  };
}

function toEntity(
  subscriptionId: string,
  { delivered, lastDeliveryAt, lastFailure, nextWakeAt }: DeliveryState,
): TableEntity {
  return {
    partitionKey: subscriptionId,
    rowKey,
    delivered: String(delivered),
    lastDeliveryAt: formatOptionalInstant(lastDeliveryAt),
    lastFailure: lastFailure && JSON.stringify(lastFailure),
    nextWakeAt: formatOptionalInstant(nextWakeAt),
  };
}
