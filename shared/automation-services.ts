import { randomUUID } from 'node:crypto';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { CallContext } from './defender/client.ts';
import type { Defender } from './defender/defender.ts';
import { createHuntingJobs, type HuntingJobs, type ToFailure } from './hunts/hunting-job.ts';
import { type HuntMessage, runHunt } from './hunts/run-hunt.ts';
import { createSavedHunts, type SavedHunts } from './hunts/saved-hunts.ts';
import { runDueHunts } from './hunts/scheduled-hunts.ts';
import { createIncidentFeed, type IncidentFeed } from './incident-feed/incident-feed.ts';
import type { Log } from './log.ts';
import type { Observe } from './outbound/observation.ts';
import type { Generations } from './storage/generations.ts';
import type { Storage } from './storage/storage.ts';
import type { Tenants } from './tenants/tenants.ts';
import type { StateProtection } from './tokens/state-protection.ts';
import { createDeliver } from './webhooks/deliver.ts';
import { createDeliveryBodies } from './webhooks/delivery-body.ts';
import { createDeliveryDispatcher, type DeliveryDispatcher } from './webhooks/delivery-dispatcher.ts';
import type { PublishEvents } from './webhooks/event.ts';
import { createPublishEvents } from './webhooks/publish-events.ts';
import { createSubscriptionAdmin, type SubscriptionAdmin } from './webhooks/subscription-admin.ts';
import { createSubscriptions, type Subscriptions } from './webhooks/subscriptions.ts';

/** What the automation depends on. */
export interface AutomationParts {
  config: Config;
  clock: Clock;
  random: () => number;
  observe: Observe;
  storage: Storage;
  stateProtection: StateProtection;
  generations: Generations;
  tenants: Tenants;
  /** Sends to addresses that subscribers have given. */
  callbackClient: HttpClient;
  /** Defender as one principal in one tenant. */
  openDefender(context: CallContext): Defender;
}

/** What runs by itself, over the app's storage. */
export interface Automation extends Omit<IncidentFeed, 'removeOldIncidents'> {
  subscriptions: Subscriptions;
  subscriptionAdmin: SubscriptionAdmin;
  publishEvents: PublishEvents;
  dispatcher: DeliveryDispatcher;
  /** Removes what is kept for a time only. */
  removeOld(): Promise<void>;
  jobs: HuntingJobs;
  runJob(operationId: string, toFailure: ToFailure): Promise<void>;
  hunts: SavedHunts;
  /** Has the saved hunts run that are due, on whichever instance. */
  runDue(log: Log): Promise<void>;
  runScheduled(message: HuntMessage): Promise<void>;
}

/** Wires what runs by itself; loaded with its first use, since most calls need none of it. */
export function createAutomation(parts: AutomationParts): Automation {
  const { config, clock, observe, storage, tenants, callbackClient } = parts;
  const subscriptions = createSubscriptions(storage.openTable('defendersubscriptions'), clock);
  const table = storage.openTable('defenderdeliveries');
  const queue = storage.openQueue('defender-deliveries');
  const bodies = createDeliveryBodies(table, storage.openBlobs('defender-deliveries'));
  const subscriptionAdmin = createSubscriptionAdmin(subscriptions, table, bodies, queue, clock);
  const deliver = createDeliver(callbackClient, clock, config.callbackHosts);
  const { remove: removeSubscription } = subscriptionAdmin;
  const publishEvents = createPublishEvents({ subscriptions, table, bodies, queue, clock });
  const dispatcher = createDeliveryDispatcher({
    subscriptions,
    table,
    bodies,
    queue,
    clock,
    deliver,
    removeSubscription,
  });
  const openDefender = (tenantId: string) =>
    parts.openDefender({
      principal: { kind: 'application', tenantId },
      isHomeTenant: tenantId === config.homeTenantId,
      startedAt: clock.now(),
      clientRequestId: randomUUID(),
    });
  const { removeOldIncidents, ...incidentFeed } = createIncidentFeed({
    storage,
    clock,
    observe,
    overlapMs: config.syncOverlapMs,
    tenants,
    subscriptions,
    dispatcher,
    publishEvents,
    openDefender,
  });
  const hunting = openHunts(parts, publishEvents, openDefender);
  return {
    subscriptions,
    subscriptionAdmin,
    publishEvents,
    dispatcher,
    ...incidentFeed,
    ...hunting,
    async removeOld() {
      await subscriptionAdmin.removeOld();
      await removeOldIncidents();
      await hunting.removeOldHunts();
    },
  };
}

function openHunts(
  { clock, storage, tenants }: AutomationParts,
  publishEvents: PublishEvents,
  openDefender: OpenDefender,
) {
  const table = storage.openTable('defenderhunts');
  const queue = storage.openQueue('defender-hunts');
  const jobs = createHuntingJobs(table, storage.openBlobs('defender-hunts'), queue, clock);
  const hunts = createSavedHunts(table, clock);
  const blobs = storage.openBlobs('defender-hunts-seen');
  return {
    jobs,
    hunts,
    runJob: (operationId: string, toFailure: ToFailure) => jobs.run(operationId, openDefender, toFailure),
    runDue: (log: Log) => runDueHunts({ hunts, tenants, queue, clock }, log),
    async removeOldHunts() {
      await jobs.removeOld();
      await blobs.deleteOlder(clock.now() - seenKeptMs);
    },
    runScheduled: (message: HuntMessage) =>
      runHunt({ hunts, table, blobs, queue, clock, publishEvents, openDefender }, message),
  };
}

/** Defender looks back thirty days: what was not found for longer is not found again. */
const seenKeptMs = 31 * 24 * 60 * 60_000;

type OpenDefender = (tenantId: string) => Defender;
