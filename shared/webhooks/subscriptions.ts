import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { StoredEntity, Table } from '../storage/tables.ts';
import { eventTypes } from './event.ts';
import type { Subscription, SubscriptionRequest } from './subscription.ts';

/** The subscriptions of the app. Each call fails as its table does. */
export interface Subscriptions {
  add(request: SubscriptionRequest): Promise<Subscription>;
  get(id: string): Promise<Subscription | undefined>;
  /** Oldest first. */
  list(): Promise<Subscription[]>;
  /** Does nothing if it does not exist. */
  remove(id: string): Promise<void>;
}

const partitionKey = 'subscription';
const secretBytes = 32;

const rowSchema = z.object({
  rowKey: z.string(),
  callbackUrl: z.string(),
  events: jsonOf(z.array(z.enum(eventTypes))),
  minimumSeverity: z.optional(z.string()),
  status: z.optional(jsonOf(z.array(z.string()))),
  tenantIds: jsonOf(z.array(z.string())),
  createdAt: z.iso.datetime(),
  signingSecret: z.string(),
});

export function createSubscriptions(table: Table, clock: Clock): Subscriptions {
  return {
    async add(request) {
      const subscription = {
        ...request,
        id: randomUUID(),
        createdAt: clock.now(),
        signingSecret: `whsec_${randomBytes(secretBytes).toString('base64')}`,
      };
      await table.upsert(toRow(subscription));
      return subscription;
    },
    async get(id) {
      const row = await table.get(partitionKey, id);
      return row && parseRow(row);
    },
    async list() {
      const found = (await table.list(partitionKey)).flatMap((row) => parseRow(row) ?? []);
      return found.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },
    async remove(id) {
      await table.delete(partitionKey, id);
    },
  };
}

function toRow({ id, events, status, tenantIds, createdAt, ...others }: Subscription) {
  return {
    ...others,
    partitionKey,
    rowKey: id,
    events: JSON.stringify(events),
    status: status && JSON.stringify(status),
    tenantIds: JSON.stringify(tenantIds),
    createdAt: new Date(createdAt).toISOString(),
  };
}

function parseRow(row: StoredEntity): Subscription | undefined {
  const { data } = rowSchema.safeParse(row);
  if (data === undefined) return undefined;
  const { rowKey: id, createdAt, ...others } = data;
  return { ...others, id, createdAt: Date.parse(createdAt) };
}

function jsonOf<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.pipe(
      z.string(),
      z.transform((text): unknown => JSON.parse(text)),
    ),
    schema,
  );
}
