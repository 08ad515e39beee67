import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { maxChanges, type Table, type TableEntity } from '../storage/tables.ts';
import { parseDelivery, remove } from './delivery.ts';
import type { DeliveryBodies } from './delivery-body.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Removes everything that belongs to removed subscriptions. */
export interface SubscriptionRemoval {
  /** Removes the deliveries of a removed subscription, page by page until `deadlineAt` (epoch milliseconds). */
  purge(id: string, deadlineAt?: number): Promise<void>;
  /** Purges a removed subscription again: a publisher may have added deliveries since. In the end its tombstone is removed. */
  purgeRemoved(removed: { id: string; removedAt: number }, deadlineAt: number): Promise<void>;
}

/** A publisher that has read the subscription before it was removed has ended long before. */
const tombstoneMs = 60 * 60_000;
const pageSize = 1_000;
const blobConcurrency = 16;

export function createSubscriptionRemoval(
  subscriptions: Subscriptions,
  table: Table,
  bodies: DeliveryBodies,
  clock: Clock,
): SubscriptionRemoval {
  /** Returns whether there was nothing to remove. */
  async function purge(id: string, deadlineAt = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (let isEmpty = true; clock.now() < deadlineAt; isEmpty = false) {
      const rows = await table.list(id, { top: pageSize });
      if (rows.length === 0) return isEmpty;
      const deliveries = rows.flatMap((row) => parseDelivery(row) ?? []);
      await pMap(deliveries, (delivery) => bodies.remove(delivery), { concurrency: blobConcurrency });
      await removeRows(table, rows);
    }
    return false;
  }

  return {
    async purge(id, deadlineAt) {
      await purge(id, deadlineAt);
    },
    async purgeRemoved({ id, removedAt }, deadlineAt) {
      const isEmpty = await purge(id, deadlineAt);
      if (isEmpty && removedAt < clock.now() - tombstoneMs) await subscriptions.removeTombstone(id);
    },
  };
}

/** Removes rows of one partition, some of which may be gone already. */
export async function removeRows(table: Table, rows: readonly TableEntity[]): Promise<void> {
  for (let from = 0; from < rows.length; from += maxChanges) {
    const part = rows.slice(from, from + maxChanges);
    if (await table.transact(part.map(({ partitionKey, rowKey }) => remove(partitionKey, rowKey)))) continue;
    for (const { partitionKey, rowKey } of part) await table.delete(partitionKey, rowKey);
  }
}
