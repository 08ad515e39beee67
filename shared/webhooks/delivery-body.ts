import { readBlobText } from '../storage/blob-text.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { type Delivery, keyOf } from './delivery.ts';
import type { SubscriptionEvent } from './subscription-events.ts';

/** The bodies of deliveries: rows or, where one is too large for a row, blobs. */
export interface DeliveryBodies {
  /** Returns the row to store with the delivery. A body that is too large for it is written to a blob first. */
  store(
    delivery: Pick<Delivery, 'subscriptionId' | 'orderingKey' | 'version' | 'webhookId'>,
    text: string,
  ): Promise<TableEntity>;
  /** Undefined if it was removed. */
  read(delivery: Delivery): Promise<string | undefined>;
  /** Removes the blob, if there is one. */
  remove(delivery: Pick<Delivery, 'subscriptionId' | 'webhookId' | 'isLarge'>): Promise<void>;
  /** Restarts the retention of the blob, if there is one. */
  keep(delivery: Delivery): Promise<void>;
  /** Removes the blobs from before an instant (epoch milliseconds), such as those that a crashed run left behind. */
  removeOlder(before: number): Promise<void>;
}

/** The JSON that a subscriber receives. */
export const toBodyText = ({ type, timestamp, tenantId, data }: SubscriptionEvent): string =>
  `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)},"tenantId":${JSON.stringify(tenantId)},"data":${data}}`;

export function createDeliveryBodies(table: Table, blobs: BlobContainer): DeliveryBodies {
  const blobOf = ({ subscriptionId, webhookId }: Pick<Delivery, 'subscriptionId' | 'webhookId'>) =>
    `${subscriptionId}/${webhookId}`;

  return {
    async store(delivery, text) {
      const keys = { partitionKey: delivery.subscriptionId, rowKey: keyOf('b', delivery) };
      const members = packMembers(text);
      if (members !== undefined) return { ...keys, ...members };
      await blobs.write(blobOf(delivery), text);
      return { ...keys, isLarge: true };
    },
    async read(delivery) {
      if (delivery.isLarge) return await readBlobText(blobs, blobOf(delivery));
      return unpackMembers(await table.get(delivery.subscriptionId, keyOf('b', delivery)));
    },
    async remove(delivery) {
      if (delivery.isLarge) await blobs.delete(blobOf(delivery));
    },
    async keep(delivery) {
      const content = delivery.isLarge ? await blobs.read(blobOf(delivery)) : undefined;
      if (content !== undefined) await blobs.write(blobOf(delivery), content);
    },
    removeOlder: (before) => blobs.deleteOlder(before),
  };
}
