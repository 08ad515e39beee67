import { randomUUID } from 'node:crypto';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { CallContext } from './defender/client.ts';
import type { Defender } from './defender/defender.ts';
import type { CleanupStep } from './health/run-clean-up.ts';
import { enqueueDueHunts } from './hunts/enqueue-due-hunts.ts';
import { type HuntRun, listRuns } from './hunts/hunt-run.ts';
import { createHuntingJobs, type HuntingJobs, type ToFailure } from './hunts/hunting-jobs.ts';
import { type HuntMessage, runSavedHunt } from './hunts/run-saved-hunt.ts';
import { createSavedHunts, type SavedHunts } from './hunts/saved-hunts.ts';
import { seenValuesKeptForMs } from './hunts/seen-values.ts';
import { createTenantCheck } from './hunts/tenant-check.ts';
import { createIncidentFeed, type IncidentFeed } from './incident-feed/incident-feed.ts';
import type { Log } from './log.ts';
import type { Observe } from './outbound/observation.ts';
import type { Generations } from './storage/generations.ts';
import type { Storage } from './storage/storage.ts';
import type { Tenants } from './tenants/tenants.ts';
import type { StateProtection } from './tokens/state-protection.ts';
import type { PublishEvents } from './webhooks/event.ts';
import { createWebhooks, type Webhooks } from './webhooks/webhooks.ts';

export interface AutomationParts {
  config: Config;
  clock: Clock;
  random: () => number;
  observe: Observe;
  storage: Storage;
  stateProtection: StateProtection;
  generations: Generations;
  /** Whether the owner of a subscription or hunt may act in a tenant now. */
  canOwnerActIn(ownerId: string, tenantId: string): Promise<boolean>;
  tenants: Tenants;
  /** Sends to addresses that subscribers have given. */
  callbackClient: HttpClient;
  /** Defender as one principal in one tenant. */
  openDefender(context: CallContext): Defender;
}

/** The functions that need storage. */
export interface Automation extends Omit<Webhooks, 'removeOld'>, Omit<IncidentFeed, 'removeOldIncidents'> {
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
  const webhooks = createWebhooks({
    subscriptionTable: storage.openTable('defendersubscriptions'),
    table: storage.openTable('defenderdeliveries'),
    blobs: storage.openBlobs('defender-deliveries'),
    queue: storage.openQueue('defender-deliveries'),
    clock,
    observe,
    protection: parts.stateProtection,
    canOwnerActIn: parts.canOwnerActIn,
    callbackClient,
    callbackHosts: config.callbackHosts,
  });
  const { subscriptions, publishEvents, dispatcher } = webhooks;
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
    ...webhooks,
    ...incidentFeed,
    ...hunting,
    cleanupSteps: [
      { name: 'deliveries', run: webhooks.removeOld },
      { name: 'incidents', run: removeOldIncidents },
      ...cleanupSteps,
    ],
  };
}

function openHunts(
  { clock, storage, tenants, canOwnerActIn }: AutomationParts,
  publishEvents: PublishEvents,
  openDefender: OpenDefender,
) {
  const table = storage.openTable('defenderhunts');
  const queue = storage.openQueue('defender-hunts');
  const requireTenant = createTenantCheck({ tenants, canOwnerActIn });
  const jobBlobs = storage.openBlobs('defender-hunts');
  const huntingJobs = createHuntingJobs({ table, blobs: jobBlobs, queue, clock, requireTenant });
  const savedHunts = createSavedHunts(table, clock);
  const blobs = storage.openBlobs('defender-hunts-seen');
  const runParts = { hunts: savedHunts, requireTenant, table, blobs, queue, clock, publishEvents, openDefender };
  return {
    huntingJobs,
    runHuntingJob: (operationId: string, toFailure: ToFailure) => huntingJobs.run(operationId, openDefender, toFailure),
    savedHunts,
    listHuntRuns: (huntIds: readonly string[]) => listRuns(table, huntIds),
    enqueueDueHunts: (log: Log) => enqueueDueHunts({ hunts: savedHunts, tenants, canOwnerActIn, queue, clock }, log),
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
