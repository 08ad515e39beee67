import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ConfigError, RequestError } from '../errors.ts';
import { formatInstant } from '../instants.ts';
import type { StoredEntity, Table, TableEntity } from '../storage/tables.ts';
import { createTimeOrderedId, toGuid } from '../storage/time-ordered-id.ts';
import type { DeliveryTarget } from './deliver.ts';
import type { Subscription, SubscriptionRequest } from './subscription.ts';
import {
  hashRequest,
  idOf,
  parseRow,
  partitionKey,
  readCount,
  rowKeys,
  type StoredSubscription,
  toCountChange,
  toRow,
} from './subscription-row.ts';

/** The subscriptions of the app. Nothing is cached: a change takes effect at once on every instance. */
export interface Subscriptions {
  /**
   * Finds the subscription of an earlier request of the same owner for the same deliveries, or adds one. The signing secret is returned
   * for a new one only.
   * @throws {RequestError} 409 `LimitReached`.
   */
  add(request: SubscriptionRequest, ownerId: string): Promise<{ id: string; signingSecret?: string }>;
  get(id: string): Promise<Subscription | undefined>;
  /** Where a subscription is delivered to, and for whom. Undefined if it does not exist. */
  readTarget(id: string): Promise<OwnedTarget | undefined>;
  /** Oldest first. */
  list(): Promise<Subscription[]>;
  /** The subscriptions from an id on, oldest first. */
  listPage(from: string | undefined, top: number): Promise<Subscription[]>;
  /** Leaves a tombstone until the deliveries are removed as well. Returns whether the subscription existed. */
  remove(id: string): Promise<boolean>;
  isRemoved(id: string): Promise<boolean>;
  /** The tombstones. `removedAt`: epoch milliseconds. */
  listRemoved(): Promise<{ id: string; removedAt: number }[]>;
  removeTombstone(id: string): Promise<void>;
}

type OwnedTarget = DeliveryTarget & Pick<Subscription, 'createdBy'>;

/** Protects the secrets of a subscription in storage; without a key, `derive` returns undefined and `encrypt` the text. */
export interface SubscriptionProtection {
  derive(
    purpose: 'signingSecret',
    subscriptionId: string,
    keyVersion?: string,
  ): Promise<{ secret: Uint8Array; keyVersion: string } | undefined>;
  encrypt(purpose: 'callbackUrl', subscriptionId: string, text: string): Promise<string>;
  decrypt(purpose: 'callbackUrl', subscriptionId: string, stored: string): Promise<string>;
}

const maxSubscriptions = 1_000;
const secretBytes = 32;

export function createSubscriptions(table: Table, clock: Clock, protection: SubscriptionProtection): Subscriptions {
  const list = (prefix: string, from = '', top?: number) =>
    table.list(partitionKey, { from: `${prefix}|${from}`, before: `${prefix}}`, top });
  const get = (rowKey: string) => table.get(partitionKey, rowKey);
  const getStored = async (id: string) => parseRow(await get(rowKeys.subscription(id)));

  async function findByKey(key: string): Promise<string | undefined> {
    const row = await get(rowKeys.key(key));
    const stored = row && (await getStored(String(row.subscriptionId)));
    if (row !== undefined && stored === undefined) await table.delete(partitionKey, row.rowKey, row.etag);
    return stored?.subscription.id;
  }

  async function protect(request: SubscriptionRequest, createdBy: string, key: string): Promise<StoredSubscription> {
    const { callbackUrl, ...filters } = request;
    const now = clock.now();
    const subscription = { ...filters, id: toGuid(createTimeOrderedId(now)), createdAt: now, createdBy };
    const derived = await protection.derive('signingSecret', subscription.id);
    return {
      subscription,
      key,
      callbackUrl: await protection.encrypt('callbackUrl', subscription.id, callbackUrl),
      ...(derived === undefined
        ? { signingSecret: toSigningSecret(randomBytes(secretBytes)) }
        : { keyVersion: derived.keyVersion }),
    };
  }

  function requireRoom(count: number): void {
    if (count < maxSubscriptions) return;
    throw new RequestError(409, 'LimitReached', `The app has ${maxSubscriptions} subscriptions, the maximum.`, {
      nextStep: 'Remove unused subscriptions with unsubscribe.',
    });
  }

  return {
    async add(request, ownerId) {
      const key = hashRequest(request, ownerId);
      for (;;) {
        const known = await findByKey(key);
        if (known !== undefined) return { id: known };
        const countRow = await get(rowKeys.count);
        requireRoom(readCount(countRow));
        const stored = await protect(request, ownerId, key);
        const { id } = stored.subscription;
        const keyRow = { partitionKey, rowKey: rowKeys.key(key), subscriptionId: id };
        const isAdded = await table.transact([
          { kind: 'insert', entity: keyRow },
          { kind: 'insert', entity: toRow(stored) },
          toCountChange(countRow, readCount(countRow) + 1),
        ]);
        if (isAdded) return { id, signingSecret: await readSigningSecret(protection, id, stored) };
      }
    },
    async get(id) {
      return (await getStored(id))?.subscription;
    },
    async readTarget(id) {
      const stored = await getStored(id);
      if (stored === undefined) return undefined;
      const callbackUrl = await protection.decrypt('callbackUrl', id, stored.callbackUrl);
      const signingSecret = await readSigningSecret(protection, id, stored);
      return { callbackUrl, signingSecret, createdBy: stored.subscription.createdBy };
    },
    list: async () => parseAll(await list('id')),
    listPage: async (from, top) => parseAll(await list('id', from, top)),
    async remove(id) {
      for (;;) {
        const row = await get(rowKeys.subscription(id));
        if (row === undefined) return false;
        const countRow = await get(rowKeys.count);
        const changes = toRemoval(row, formatInstant(clock.now()));
        if (await table.transact([...changes, toCountChange(countRow, Math.max(0, readCount(countRow) - 1))]))
          return true;
      }
    },
    isRemoved: async (id) => (await get(rowKeys.removed(id))) !== undefined,
    async listRemoved() {
      return (await list('removed')).map((row) => ({ id: idOf(row), removedAt: Date.parse(String(row.removedAt)) }));
    },
    async removeTombstone(id) {
      await table.delete(partitionKey, rowKeys.removed(id));
    },
  };
}

const parseAll = (rows: readonly StoredEntity[]): Subscription[] =>
  rows.flatMap((row) => parseRow(row)?.subscription ?? []);

const toRemoval = (row: StoredEntity, removedAt: string) => {
  const remove = (rowKey: string) => ({ kind: 'delete' as const, partitionKey, rowKey });
  const tombstone: TableEntity = { partitionKey, rowKey: rowKeys.removed(idOf(row)), removedAt };
  const { key } = parseRow(row) ?? {};
  return [
    remove(row.rowKey),
    ...(key === undefined ? [] : [remove(rowKeys.key(key))]),
    { kind: 'upsert' as const, entity: tombstone },
  ];
};

async function readSigningSecret(
  protection: SubscriptionProtection,
  id: string,
  { signingSecret, keyVersion }: StoredSubscription,
): Promise<string> {
  if (signingSecret !== undefined) return signingSecret;
  const derived = await protection.derive('signingSecret', id, keyVersion);
  if (derived !== undefined) return toSigningSecret(derived.secret);
  const detail = 'is required: signing secrets of subscriptions are derived from it';
  throw new ConfigError([{ in: 'setting', name: 'STATE_KEY_NAME', detail }]);
}

const toSigningSecret = (secret: Uint8Array): string => `whsec_${Buffer.from(secret).toString('base64')}`;
