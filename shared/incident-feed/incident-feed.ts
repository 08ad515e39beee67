import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import type { Storage } from '../storage/storage.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { DeliveryDispatcher } from '../webhooks/delivery-dispatcher.ts';
import type { PublishEvents } from '../webhooks/event.ts';
import type { Subscriptions } from '../webhooks/subscriptions.ts';
import { syncIncidents } from './enqueue-feeds.ts';
import { createFeed, type Feed } from './feed.ts';
import { removeOldIncidents } from './feed-cleanup.ts';
import { type FeedStatus, readFeedStatuses } from './feed-status.ts';
import { createIncidentPolls, type IncidentPolls } from './incident-poll.ts';
import { createListeners } from './listeners.ts';

interface IncidentFeedParts {
  storage: Storage;
  clock: Clock;
  observe: Observe;
  overlapMs: number;
  tenants: Pick<Tenants, 'listServedTenants'>;
  subscriptions: Pick<Subscriptions, 'list'>;
  dispatcher: Pick<DeliveryDispatcher, 'wakeOverdue'>;
  publishEvents: PublishEvents;
  openDefender(tenantId: string): Defender;
}

/** The incident feeds of all tenants, and the polls that are answered from them. */
export interface IncidentFeed {
  feed: Feed;
  polls: IncidentPolls;
  /** Enqueues the feeds that have listeners. */
  syncTenants(log: Log): Promise<void>;
  /** The status of the feeds that have listeners, by tenant. */
  readFeedStatuses(): Promise<Map<string, FeedStatus>>;
  /** Until a deadline, in epoch milliseconds. */
  removeOldIncidents(deadlineAt: number, log: Log): Promise<void>;
}

export function createIncidentFeed({ storage, subscriptions, ...parts }: IncidentFeedParts): IncidentFeed {
  const { clock, tenants, dispatcher } = parts;
  const table = storage.openTable('defenderfeed');
  const blobs = storage.openBlobs('defender-incidents');
  const queue = storage.openQueue('defender-incident-feed');
  const listeners = createListeners({ table, subscriptions, clock });
  return {
    feed: createFeed({ ...parts, table, blobs }),
    polls: createIncidentPolls({ table, blobs, listeners, clock }),
    syncTenants: (log) => syncIncidents({ tenants, listeners, queue, dispatcher }, log),
    readFeedStatuses: () => readFeedStatuses({ table, listeners, clock }),
    removeOldIncidents: (deadlineAt, log) => removeOldIncidents({ listeners, table, blobs, clock }, deadlineAt, log),
  };
}
