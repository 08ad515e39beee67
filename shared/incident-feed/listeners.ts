import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { coversTenant, type Subscription } from '../webhooks/subscription.ts';

/** A tenant with a feed: when it was last polled, and when its oldest cursor began. Instants are epoch milliseconds. */
interface FeedTenant {
  tenantId: string;
  /** Identifies the log that cursors point into. */
  logId: string;
  /** When the tenant first had a listener. */
  notedAt: number;
  lastPolledAt: number | undefined;
  pollingSince: number | undefined;
}

/** The listeners of all feeds at one time. */
interface ListenerSnapshot {
  /** The tenants that have a feed, including those that are no longer served. */
  tenants: readonly FeedTenant[];
  /** When the first listener of a tenant began; undefined without one. */
  activeSince(tenantId: string): number | undefined;
}

/** The listeners of the feeds: subscriptions and polls. */
export interface Listeners {
  /** Records a poll whose cursor began at `startedAt`. */
  notePoll(tenantId: string, startedAt: number): Promise<FeedTenant>;
  /** Records a tenant whose feed starts, so that its incidents are removed in time. */
  noteTenant(tenantId: string): Promise<void>;
  read(): Promise<ListenerSnapshot>;
  removeTenant(tenantId: string): Promise<void>;
}

interface ListenerParts {
  table: Table;
  subscriptions: { list(): Promise<Subscription[]> };
  clock: Clock;
}

const partitionKey = 'tenants';
const activeForMs = 30 * 24 * 60 * 60_000;
/** A tenant that is onboarded so much later than a subscription to all tenants starts at that time. */
const maxBacklogMs = 24 * 60 * 60_000;
/** Polls are frequent: one an hour is recorded. */
const notedEveryMs = 60 * 60_000;

const createLogId = (): string => randomBytes(6).toString('base64url');

const rowSchema = z.object({
  rowKey: z.string(),
  logId: z.string(),
  notedAt: z.iso.datetime(),
  lastPolledAt: z.optional(z.iso.datetime()),
  pollingSince: z.optional(z.iso.datetime()),
});

export function createListeners({ table, subscriptions, clock }: ListenerParts): Listeners {
  const isActive = ({ lastPolledAt = 0 }: FeedTenant) => lastPolledAt > clock.now() - activeForMs;

  return {
    async noteTenant(tenantId) {
      const notedAt = clock.now();
      await table.insert(
        toRow({ tenantId, logId: createLogId(), notedAt, lastPolledAt: undefined, pollingSince: undefined }),
      );
    },
    async removeTenant(tenantId) {
      await table.delete(partitionKey, tenantId);
    },
    async notePoll(tenantId, startedAt) {
      for (;;) {
        const now = clock.now();
        const row = await table.get(partitionKey, tenantId);
        const known = row && parseRow(row);
        const since = known !== undefined && isActive(known) ? (known.pollingSince ?? startedAt) : startedAt;
        const isNoted = (known?.lastPolledAt ?? 0) > now - notedEveryMs && since <= startedAt;
        if (known !== undefined && isNoted) return known;
        const logId = known?.logId ?? createLogId();
        const notedAt = known?.notedAt ?? now;
        const noted = { tenantId, logId, notedAt, lastPolledAt: now, pollingSince: Math.min(since, startedAt) };
        const entity = toRow(noted);
        const isWritten = row === undefined ? await table.insert(entity) : await table.replace(entity, row.etag);
        if (isWritten) return noted;
      }
    },
    async read() {
      const [all, rows] = await Promise.all([subscriptions.list(), table.list(partitionKey)]);
      const tenants = rows.flatMap((row) => parseRow(row) ?? []);
      const listening = all.filter(({ events }) => events.some((type) => type !== 'hunt.results'));
      const now = clock.now();
      const notedAt = new Map(tenants.map((each) => [each.tenantId, each.notedAt]));
      const polled = new Map(tenants.filter(isActive).map((each) => [each.tenantId, each.pollingSince]));
      return {
        tenants,
        activeSince(tenantId) {
          const covering = listening.filter((subscription) => coversTenant(subscription, tenantId));
          const pollingSince = polled.get(tenantId) ?? Number.POSITIVE_INFINITY;
          const subscribedAt = Math.min(...covering.map(({ createdAt }) => createdAt));
          const since = notedAt.get(tenantId) ?? now;
          const first = Math.min(pollingSince, subscribedAt < since - maxBacklogMs ? since : subscribedAt);
          return Number.isFinite(first) ? first : undefined;
        },
      };
    },
  };
}

function toRow({ tenantId, logId, notedAt, lastPolledAt, pollingSince }: FeedTenant): TableEntity {
  return {
    partitionKey,
    rowKey: tenantId,
    logId,
    notedAt: formatInstant(notedAt),
    ...(lastPolledAt !== undefined && { lastPolledAt: formatInstant(lastPolledAt) }),
    ...(pollingSince !== undefined && { pollingSince: formatInstant(pollingSince) }),
  };
}

function parseRow(row: TableEntity): FeedTenant | undefined {
  const { data } = rowSchema.safeParse(row);
  if (data === undefined) return undefined;
  const read = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    tenantId: data.rowKey,
    logId: data.logId,
    notedAt: Date.parse(data.notedAt),
    lastPolledAt: read(data.lastPolledAt),
    pollingSince: read(data.pollingSince),
  };
}
