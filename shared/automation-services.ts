import { randomUUID } from 'node:crypto';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { CallContext } from './defender/client.ts';
import type { Defender } from './defender/defender.ts';
import type { CleanupStep } from './health/clean-up.ts';
import { enqueueDueHunts } from './hunts/enqueue-due-hunts.ts';
import { type HuntRun, listRuns } from './hunts/hunt-run.ts';
import { createHuntingJobs, type HuntingJobs, type ToFailure } from './hunts/hunting-jobs.ts';
import { type HuntMessage, runSavedHunt } from './hunts/run-saved-hunt.ts';
import { createSavedHunts, type SavedHunts } from './hunts/saved-hunts.ts';
import { seenValuesKeptForMs } from './hunts/seen-values.ts';
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

/** The functions that need storage. */
export interface Automation extends Omit<IncidentFeed, 'removeOldIncidents'> {
  subscriptions: Subscriptions;
  subscriptionAdmin: SubscriptionAdmin;
  publishEvents: PublishEvents;
  dispatcher: DeliveryDispatcher;
  /** Remove expired rows and blobs. */
  cleanupSteps: readonly CleanupStep[];
  huntingJobs: HuntingJobs;
  /** Runs a hunting job of the application. */
  runHuntingJob(operationId: string, toFailure: ToFailure): Promise<void>;
  savedHunts: SavedHunts;
  /** The last run in each tenant of each of these saved hunts. */
  listHuntRuns(huntIds: readonly string[]): Promise<HuntRun[][]>;
  /** Sends a message for each run that is due. */
  enqueueDueHunts(log: Log): Promise<void>;
  runSavedHunt(message: HuntMessage): Promise<void>;
}

/** Wires the functions that need storage. */
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
  const { cleanupSteps, ...hunting } = openHunts(parts, publishEvents, openDefender);
  return {
    subscriptions,
    subscriptionAdmin,
    publishEvents,
    dispatcher,
    ...incidentFeed,
    ...hunting,
    cleanupSteps: [
      { name: 'deliveries', run: subscriptionAdmin.removeOld },
      { name: 'incidents', run: removeOldIncidents },
      ...cleanupSteps,
    ],
  };
}

function openHunts(
  { clock, storage, tenants }: AutomationParts,
  publishEvents: PublishEvents,
  openDefender: OpenDefender,
) {
  const table = storage.openTable('defenderhunts');
  const queue = storage.openQueue('defender-hunts');
  const huntingJobs = createHuntingJobs({ table, blobs: storage.openBlobs('defender-hunts'), queue, clock, tenants });
  const savedHunts = createSavedHunts(table, clock);
  const blobs = storage.openBlobs('defender-hunts-seen');
  const runParts = { hunts: savedHunts, tenants, table, blobs, queue, clock, publishEvents, openDefender };
  return {
    huntingJobs,
    runHuntingJob: (operationId: string, toFailure: ToFailure) => huntingJobs.run(operationId, openDefender, toFailure),
    savedHunts,
    listHuntRuns: (huntIds: readonly string[]) => listRuns(table, huntIds),
    enqueueDueHunts: (log: Log) => enqueueDueHunts({ hunts: savedHunts, tenants, queue, clock }, log),
    runSavedHunt: (message: HuntMessage) => runSavedHunt(runParts, message),
    cleanupSteps: [
      { name: 'hunting results', run: huntingJobs.removeOld },
      {
        name: 'values of hunts',
        run: (deadlineAt: number) => blobs.deleteOlder(clock.now() - seenValuesKeptForMs, deadlineAt),
      },
    ],
  };
}

type OpenDefender = (tenantId: string) => Defender;
