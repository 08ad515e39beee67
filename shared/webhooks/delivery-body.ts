import { randomUUID } from 'node:crypto';
import type { BlobContainer } from '../storage/blobs.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { type Delivery, keyOf } from './delivery.ts';
import type { SubscriptionEvent } from './subscription-events.ts';

/** The bodies of deliveries: rows or, where one is too large for a row, blobs. */
export interface DeliveryBodies {
  /**
   * Returns the row to store with the delivery. A body that is too large for it is written to a new blob first: writers of the same
   * delivery do not share one.
   */
  store(
    delivery: Pick<Delivery, 'subscriptionId' | 'orderingKey' | 'version'>,
    body: PackedBody,
  ): Promise<{ row: TableEntity; blobName?: string }>;
  /** Undefined if it was removed. */
  read(delivery: Delivery): Promise<DeliveryBody | undefined>;
  /** Removes the blob, if there is one. */
  remove(delivery: Pick<Delivery, 'blobName'>): Promise<void>;
  /** Restarts the retention of the blob, if there is one. */
  keep(delivery: Pick<Delivery, 'blobName'>): Promise<void>;
  /** Removes the blobs from before an instant (epoch milliseconds), such as those that a crashed run left behind, until `deadlineAt`. */
  removeOlder(before: number, deadlineAt: number): Promise<void>;
}

/** A body to send: text, or bytes that are read piece by piece, from the start each time. */
export type DeliveryBody = string | { read(): AsyncIterable<Uint8Array> };

/** A body as it is stored: members of a row, or the content of a blob. */
export type PackedBody = { members: Record<string, string> } | { content: () => string | AsyncIterable<Uint8Array> };

/** The JSON that a subscriber receives. */
export function packBody(event: SubscriptionEvent): PackedBody {
  const { data } = event;
  if (typeof data !== 'string') return { content: () => toBytes(toHead(event), data()) };
  const text = `${toHead(event)}${data}}`;
  const members = packMembers(text);
  return members === undefined ? { content: () => text } : { members };
}

/** The body up to the data, which the closing brace follows. */
const toHead = ({ type, timestamp, tenantId }: SubscriptionEvent): string =>
  `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)},"tenantId":${JSON.stringify(tenantId)},"data":`;

async function* toBytes(head: string, chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head);
  yield* chunks;
  yield Buffer.from('}');
}

async function* readPieces(blobs: BlobContainer, name: string): AsyncGenerator<Uint8Array> {
  const content = await blobs.read(name);
  if (content === undefined) throw new TypeError('The stored body is missing');
  yield* content;
}

export function createDeliveryBodies(table: Table, blobs: BlobContainer): DeliveryBodies {
  return {
    async store(delivery, body) {
      const keys = { partitionKey: delivery.subscriptionId, rowKey: keyOf('b', delivery) };
      if ('members' in body) return { row: { ...keys, ...body.members } };
      const blobName = `${delivery.subscriptionId}/${randomUUID()}`;
      await blobs.write(blobName, body.content());
      return { row: { ...keys, blobName }, blobName };
    },
    async read(delivery) {
      const { blobName } = delivery;
      if (blobName !== undefined) return (await blobs.read(blobName)) && { read: () => readPieces(blobs, blobName) };
      return unpackMembers(await table.get(delivery.subscriptionId, keyOf('b', delivery)));
    },
    async remove({ blobName }) {
      if (blobName !== undefined) await blobs.delete(blobName);
    },
    async keep({ blobName }) {
      const content = blobName === undefined ? undefined : await blobs.read(blobName);
      if (blobName !== undefined && content !== undefined) await blobs.write(blobName, content);
    },
    removeOlder: (before, deadlineAt) => blobs.deleteOlder(before, deadlineAt),
  };
}
