import type { BlobContainer } from '../storage/blobs.ts';
import { packText, unpackText } from '../storage/packed-text.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { type Delivery, keyOf } from './delivery.ts';
import type { TenantEvent } from './event.ts';

/** What is delivered: with its delivery in the table or, where it is too large for that, as a blob. */
export interface DeliveryBodies {
  /** The row that holds it. What does not fit is written elsewhere first, and the row says so. */
  store(
    delivery: Pick<Delivery, 'subscriptionId' | 'lane' | 'version' | 'webhookId'>,
    text: string,
  ): Promise<TableEntity>;
  /** Undefined when it is not there any more. */
  read(delivery: Delivery): Promise<string | undefined>;
  /** Removes what is not in the table. */
  remove(delivery: Pick<Delivery, 'subscriptionId' | 'webhookId' | 'isLarge'>): Promise<void>;
}

/** Of 64 KB each as the service counts; with its keys an entity takes 1 MiB. */
const mostParts = 14;

/** What a subscriber gets. */
export const toBodyText = ({ type, timestamp, tenantId, data }: TenantEvent): string =>
  `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)},"tenantId":${JSON.stringify(tenantId)},"data":${data}}`;

export function createDeliveryBodies(table: Table, blobs: BlobContainer): DeliveryBodies {
  const blobOf = ({ subscriptionId, webhookId }: Pick<Delivery, 'subscriptionId' | 'webhookId'>) =>
    `${subscriptionId}/${webhookId}`;

  return {
    async store(delivery, text) {
      const keys = { partitionKey: delivery.subscriptionId, rowKey: keyOf('b', delivery) };
      const parts = packText(text);
      if (parts.length <= mostParts) {
        return { ...keys, ...Object.fromEntries(parts.map((part, index) => [`part${index}`, part])) };
      }
      await blobs.write(blobOf(delivery), text);
      return { ...keys, isLarge: true };
    },
    async read(delivery) {
      if (delivery.isLarge) return await readText(await blobs.read(blobOf(delivery)));
      const row = await table.get(delivery.subscriptionId, keyOf('b', delivery));
      const parts = Array.from({ length: mostParts }, (_, index) => row?.[`part${index}`]);
      const present = parts.filter((part) => typeof part === 'string');
      return present.length === 0 ? undefined : unpackText(present);
    },
    async remove(delivery) {
      if (delivery.isLarge) await blobs.delete(blobOf(delivery));
    },
  };
}

async function readText(content: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (content === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
