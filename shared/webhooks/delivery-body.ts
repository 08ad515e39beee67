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
    event: SubscriptionEvent,
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

/** The JSON that a subscriber receives, without the closing brace and the data before it. */
const toHead = ({ type, timestamp, tenantId }: SubscriptionEvent): string =>
  `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)},"tenantId":${JSON.stringify(tenantId)},"data":`;

async function* toBytes(head: string, chunks: Iterable<string>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head);
  for (const chunk of chunks) yield Buffer.from(chunk);
  yield Buffer.from('}');
}

export function createDeliveryBodies(table: Table, blobs: BlobContainer): DeliveryBodies {
  const blobOf = ({ subscriptionId, webhookId }: Pick<Delivery, 'subscriptionId' | 'webhookId'>) =>
    `${subscriptionId}/${webhookId}`;

  return {
    async store(delivery, event) {
      const keys = { partitionKey: delivery.subscriptionId, rowKey: keyOf('b', delivery) };
      const { data } = event;
      const text = typeof data === 'string' ? `${toHead(event)}${data}}` : undefined;
      const members = text === undefined ? undefined : packMembers(text);
      if (members !== undefined) return { ...keys, ...members };
      await blobs.write(blobOf(delivery), typeof data === 'string' ? (text ?? '') : toBytes(toHead(event), data()));
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
