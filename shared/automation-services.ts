import { randomUUID } from 'node:crypto';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Log } from './automation/check-credentials.ts';
import { createDeliver } from './automation/deliver.ts';
import { createDeliveryBodies } from './automation/delivery-body.ts';
import type { HandOn } from './automation/event.ts';
import { createFeed, type Feed } from './automation/feed.ts';
import { createFeedLedger } from './automation/feed-ledger.ts';
import { createHandOn } from './automation/hand-on.ts';
import { createPump, type Pump } from './automation/pump.ts';
import { createSubscriptionDesk, type SubscriptionDesk } from './automation/subscription-desk.ts';
import { createSubscriptions, type Subscriptions } from './automation/subscriptions.ts';
import { syncIncidents } from './automation/sync-incidents.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { CallContext } from './defender/client.ts';
import type { Defender } from './defender/defender.ts';
import type { Observe } from './outbound/observation.ts';
import type { Storage } from './storage/storage.ts';
import type { Tenants } from './tenants/tenants.ts';

/** What the automation depends on. */
export interface AutomationParts {
  config: Config;
  clock: Clock;
  random: () => number;
  observe: Observe;
  storage: Storage;
  tenants: Tenants;
  /** Sends to addresses that subscribers have given. */
  callbackClient: HttpClient;
  /** Defender as one principal in one tenant. */
  openDefender(context: CallContext): Defender;
}

/** What runs by itself, over the app's storage. */
export interface Automation {
  subscriptions: Subscriptions;
  desk: SubscriptionDesk;
  handOn: HandOn;
  pump: Pump;
  feed: Feed;
  /** Has every tenant looked at by `feed`, on whichever instance. */
  syncTenants(log: Log): Promise<void>;
}

/** Wires what runs by itself; loaded with its first use, since most calls need none of it. */
export function createAutomation(parts: AutomationParts): Automation {
  const { config, clock, observe, storage, tenants, callbackClient } = parts;
  const subscriptions = createSubscriptions(storage.openTable('defendersubscriptions'), clock);
  const table = storage.openTable('defenderdeliveries');
  const queue = storage.openQueue('defender-deliveries');
  const bodies = createDeliveryBodies(table, storage.openBlobs('defender-deliveries'));
  const desk = createSubscriptionDesk(subscriptions, table, bodies, queue, clock);
  const deliver = createDeliver(callbackClient, clock, config.callbackHosts);
  const { remove: removeSubscription } = desk;
  const handOn = createHandOn({ subscriptions, table, bodies, queue, clock });
  const pump = createPump({ subscriptions, table, bodies, queue, clock, deliver, removeSubscription });
  const feedTable = storage.openTable('defenderfeed');
  const blobs = storage.openBlobs('defender-events');
  const openDefender = (tenantId: string) =>
    parts.openDefender({
      principal: { kind: 'application', tenantId },
      isHomeTenant: tenantId === config.homeTenantId,
      startedAt: clock.now(),
      clientRequestId: randomUUID(),
    });
  const feed = createFeed({
    table: feedTable,
    clock,
    observe,
    overlapMs: config.syncOverlapMs,
    openDefender,
    openLedger: (tenantId) => createFeedLedger({ tenantId, table: feedTable, blobs, handOn }),
  });
  const feedQueue = storage.openQueue('defender-incident-feed');
  return {
    subscriptions,
    desk,
    handOn,
    pump,
    feed,
    syncTenants: (log) => syncIncidents({ tenants, queue: feedQueue, pump }, log),
  };
}
