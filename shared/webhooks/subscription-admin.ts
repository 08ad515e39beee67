import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { Table } from '../storage/tables.ts';
import { resendKey } from './dead-letters.ts';
import { after, type Delivery, dueRow, parseDelivery, rowsOf } from './delivery.ts';
import { type DeliveryState, readProgress } from './delivery-state.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { WakeUps } from './wake-ups.ts';

/** A subscription, and the state of its deliveries. */
export interface SubscriptionStatus extends DeliveryState {
  subscription: Subscription;
  callbackUrl: string;
  waiting: number;
}

/** One page of a list. `next`: where the next page starts; undefined on the last page. */
interface AdminPage<T> {
  items: T[];
  next: string | undefined;
}

/** Operations of administrators on subscriptions. Each fails as the storage does. */
export interface SubscriptionAdmin {
  find(id: string): Promise<SubscriptionStatus | undefined>;
  /** Those that `isVisible` accepts, oldest first. */
  list(from: string | undefined, top: number, isVisible: IsVisible): Promise<AdminPage<SubscriptionStatus>>;
  /** Removes a subscription, if it exists. Its deliveries are removed soon afterwards. */
  remove(id: string): Promise<void>;
  listDeadLetters(id: string, from: string | undefined, top: number): Promise<AdminPage<Delivery>>;
  /** Requests that the dead letters are delivered as if they were new. */
  resendDeadLetters(id: string): Promise<void>;
}

const statusConcurrency = 16;
const pageSize = 100;

type IsVisible = (subscription: Subscription) => boolean;

export function createSubscriptionAdmin(
  subscriptions: Subscriptions,
  table: Table,
  wakeUps: WakeUps,
  clock: Clock,
): SubscriptionAdmin {
  async function toStatus(subscription: Subscription): Promise<SubscriptionStatus | undefined> {
    const [target, { state, waiting }] = await Promise.all([
      subscriptions.readTarget(subscription.id),
      readProgress(table, subscription.id),
    ]);
    return target && { ...state, subscription, callbackUrl: target.callbackUrl, waiting };
  }

  async function listVisible(from: string | undefined, count: number, isVisible: IsVisible): Promise<Subscription[]> {
    const found: Subscription[] = [];
    for (let start = from; ; ) {
      const page = await subscriptions.listPage(start, pageSize);
      found.push(...page.filter(isVisible));
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize || found.length >= count) return found.slice(0, count);
      start = after(last.id);
    }
  }

  return {
    async find(id) {
      const subscription = await subscriptions.get(id);
      return subscription && (await toStatus(subscription));
    },
    async list(from, top, isVisible) {
      const { items, next } = toPage(await listVisible(from, top + 1, isVisible), top, ({ id }) => id);
      const found = await pMap(items, toStatus, { concurrency: statusConcurrency });
      return { items: found.filter((status) => status !== undefined), next };
    },
    async remove(id) {
      if (await subscriptions.remove(id)) await wakeUps.request(id, clock.now());
    },
    async listDeadLetters(id, from = '', top) {
      const { from: prefix, before } = rowsOf('x');
      const rows = await table.list(id, { from: `${prefix}${from}`, before, top: top + 1 });
      const { items, next } = toPage(rows, top, ({ rowKey }) => rowKey.slice(prefix.length));
      return { items: items.flatMap((row) => parseDelivery(row) ?? []), next };
    },
    async resendDeadLetters(id) {
      const request = { subscriptionId: id, orderingKey: resendKey, version: '', nextAttemptAt: clock.now() };
      await table.upsert(dueRow(request));
      await wakeUps.request(id, clock.now());
    },
  };
}

function toPage<T>(found: readonly T[], top: number, keyOf: (item: T) => string): AdminPage<T> {
  const next = found[top];
  return { items: found.slice(0, top), next: next && keyOf(next) };
}
