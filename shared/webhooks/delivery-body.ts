import { readBlobText } from '../storage/blob-text.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { type Delivery, keyOf } from './delivery.ts';
import type { TenantEvent } from './event.ts';

/** What is delivered: with its delivery in the table or, where it is too large for that, as a blob. */
export interface DeliveryBodies {
  /** The row that holds it. What does not fit is written elsewhere first, and the row says so. */
  store(
    delivery: Pick<Delivery, 'subscriptionId' | 'orderingKey' | 'version' | 'webhookId'>,
    text: string,
  ): Promise<TableEntity>;
  /** Undefined when it is not there any more. */
  read(delivery: Delivery): Promise<string | undefined>;
  /** Removes what is not in the table. */
  remove(delivery: Pick<Delivery, 'subscriptionId' | 'webhookId' | 'isLarge'>): Promise<void>;
  /** Removes what is not in the table and was stored before an instant (epoch milliseconds): a crash leaves some behind. */
  removeOlder(before: number): Promise<void>;
}

/** What a subscriber gets. */
export const toBodyText = ({ type, timestamp, tenantId, data }: TenantEvent): string =>
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
    removeOlder: (before) => blobs.deleteOlder(before),
  };
}
