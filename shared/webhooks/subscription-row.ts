import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { formatInstant } from '../instants.ts';
import type { StoredEntity, TableChange, TableEntity } from '../storage/tables.ts';
import { eventTypes } from './event.ts';
import type { Subscription, SubscriptionRequest } from './subscription.ts';

/*
 * Rows of the subscriptions, all in one partition:
 *   !count                    their number, changed in the same transaction
 *   id|<subscriptionId>       a subscription; its ids sort by age
 *   key|<hash>                the subscription with this callbackUrl, owner, filters and tenants
 *   removed|<subscriptionId>  a subscription that was removed, until its deliveries are removed
 */
export const partitionKey = 'subscription';
export const rowKeys = {
  count: '!count',
  subscription: (id: string): string => `id|${id}`,
  key: (hash: string): string => `key|${hash}`,
  removed: (id: string): string => `removed|${id}`,
};

export const idOf = (row: TableEntity): string => row.rowKey.slice(row.rowKey.indexOf('|') + 1);

const rowSchema = z.object({
  callbackUrl: z.string(),
  events: jsonOf(z.array(z.enum(eventTypes))),
  minimumSeverity: z.optional(z.string()),
  status: z.optional(jsonOf(z.array(z.string()))),
  tenantIds: jsonOf(z.array(z.string())),
  createdAt: z.iso.datetime(),
  createdBy: z._default(z.string(), 'key'),
  key: z.string(),
  /** Absent for a secret that is derived from the state key. */
  signingSecret: z.optional(z.string()),
  keyVersion: z.optional(z.string()),
});

export const readCount = (row: TableEntity | undefined): number => Number(row?.count ?? 0) || 0;

/** Stores another number in the row that was read: it fails if that has changed since. */
export function toCountChange(row: StoredEntity | undefined, count: number): TableChange {
  const entity = { partitionKey, rowKey: rowKeys.count, count: String(count) };
  return row === undefined ? { kind: 'insert', entity } : { kind: 'replace', entity, etag: row.etag };
}

/** A subscription as it is stored: `callbackUrl` may be encrypted. */
export interface StoredSubscription {
  subscription: Subscription;
  callbackUrl: string;
  /** Hash of the request and its owner. */
  key: string;
  signingSecret?: string | undefined;
  keyVersion?: string | undefined;
}

export function toRow({ subscription, ...secrets }: StoredSubscription): TableEntity {
  const { id, events, minimumSeverity, status, tenantIds, createdAt, createdBy } = subscription;
  return {
    ...secrets,
    partitionKey,
    rowKey: rowKeys.subscription(id),
    events: JSON.stringify(events),
    minimumSeverity,
    status: status && JSON.stringify(status),
    tenantIds: JSON.stringify(tenantIds),
    createdAt: formatInstant(createdAt),
    createdBy,
  };
}

/** Undefined for a row that is not a subscription. */
export function parseRow(row: TableEntity | undefined): StoredSubscription | undefined {
  const { data } = rowSchema.safeParse(row);
  if (row === undefined || data === undefined) return undefined;
  const { callbackUrl, key, signingSecret, keyVersion, createdAt, ...filters } = data;
  const subscription = { ...filters, id: idOf(row), createdAt: Date.parse(createdAt) };
  return { subscription, callbackUrl, key, signingSecret, keyVersion };
}

function jsonOf<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.pipe(
      z.string(),
      z.transform((text, context): unknown => {
        try {
          return JSON.parse(text);
        } catch {
          context.issues.push({ code: 'custom', message: 'is not JSON', input: text });
          return undefined;
        }
      }),
    ),
    schema,
  );
}

/** The same for requests of one owner for the same deliveries. */
export function hashRequest(request: SubscriptionRequest, ownerId: string): string {
  const { callbackUrl, events, minimumSeverity = '', status = [], tenantIds } = request;
  const parts = [ownerId, callbackUrl, minimumSeverity, ...[events, status, tenantIds].map(normalize)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

const normalize = (values: readonly string[]): string[] => [...new Set(values)].sort();
