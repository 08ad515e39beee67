import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { formatTicks, toEpochMs } from '../defender/ticks.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { LeaseLostError } from '../storage/lease.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { Table } from '../storage/tables.ts';
import type { PublishEvents } from '../webhooks/event.ts';
import { describeFailure } from './feed-failure.ts';
import { type AcquiredFeed, acquireFeed } from './feed-lease.ts';
import { createFeedRun, type FeedRun } from './feed-run.ts';
import type { FeedState } from './feed-state.ts';
import { createIncidentBodies } from './incident-bodies.ts';
import { createIncidentLog } from './incident-log.ts';
import type { PendingWindow } from './pending-window.ts';

export interface FeedParts {
  table: Table;
  /** Incidents that are too large for a row. */
  blobs: BlobContainer;
  clock: Clock;
  observe: Observe;
  overlapMs: number;
  openDefender(tenantId: string): Defender;
  publishEvents: PublishEvents;
}

/** Records and publishes the incidents of a tenant: every version that can be seen once, none missed. */
export interface Feed {
  /**
   * Reads what is new in a tenant while its budget of calls lasts; the next run continues.
   * @param activeSince When the first of the present listeners began, in epoch milliseconds.
   * @throws {UpstreamError} of `storage`.
   */
  run(tenantId: string, activeSince: number, log: Log): Promise<void>;
}

export function createFeed(parts: FeedParts): Feed {
  return {
    async run(tenantId, activeSince, log) {
      const acquired = await acquireFeed({ ...parts, tenantId, activeSince, log });
      if (acquired === undefined) return;
      try {
        await runAcquired(parts, acquired, tenantId, log);
      } catch (error) {
        if (!(error instanceof LeaseLostError)) throw error;
        log.warn(`Tenant ${tenantId}: another instance has taken over the incident feed.`);
      }
    },
  };
}

async function runAcquired(
  parts: FeedParts,
  { lease, begun }: AcquiredFeed,
  tenantId: string,
  log: Log,
): Promise<void> {
  const { clock, table, publishEvents } = parts;
  const bodies = createIncidentBodies(tenantId, parts.blobs);
  const incidentLog = createIncidentLog({ tenantId, table, bodies, clock, lease, publishEvents, log });
  const run = createFeedRun({
    clock,
    openDefender: () => parts.openDefender(tenantId),
    incidentLog,
    lease,
    begun,
    onQuarantine: (pending, unversioned) => log.warn(describeQuarantine(tenantId, pending, unversioned)),
  });
  try {
    await incidentLog.republishPending();
    if (lease.state.notBefore <= clock.now()) await run.readAll();
    await lease.release(run.toState);
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    const now = clock.now();
    await lease.abandon((state) => postpone(run.toState(state), error, now)).catch(() => {});
    if (isStorageFailure(error) || !(error instanceof UpstreamError || error instanceof RequestError)) throw error;
    // The next minute tries again. Redelivering the message would not help.
    const line = `Tenant ${tenantId}: failed to read incidents: ${describeFailure(error)}`;
    // `checkCredentials` warns of a tenant without consent, once an hour.
    if (error instanceof RequestError && error.code === 'ConsentRequired') log.info(line);
    else log.warn(line);
  } finally {
    report(parts.observe, tenantId, run, run.toState(lease.state), clock.now());
  }
}

function postpone(state: FeedState, error: unknown, now: number): FeedState {
  if (!(error instanceof RequestError) || error.status !== 429) return state;
  const seconds = Number(error.headers['retry-after'] ?? 60);
  return { ...state, notBefore: now + seconds * 1000 };
}

function describeQuarantine(
  tenantId: string,
  { window, failures }: PendingWindow,
  unversioned: readonly string[],
): string {
  const { updatedFrom, updatedBefore } = window;
  const span = `${formatTicks(updatedFrom)}–${updatedBefore === undefined ? '' : formatTicks(updatedBefore)}`;
  const cause =
    unversioned.length === 0
      ? 'failed'
      : `holds incidents without a usable id or lastUpdateTime (${unversioned.slice(0, 10).join(', ')})`;
  return `Tenant ${tenantId}: window ${span} ${cause} (attempt ${failures}); quarantined, will retry.`;
}

function report(observe: Observe, tenantId: string, { totals }: FeedRun, { newestAt }: FeedState, now: number): void {
  const lagMs = newestAt === undefined ? undefined : Math.max(0, now - toEpochMs(newestAt));
  if (lagMs !== undefined) observe({ name: 'IncidentFeedLag', tenantId, lagMs });
  const { published, suppressed, quarantined } = totals;
  if (published + suppressed + quarantined > 0)
    observe({ name: 'IncidentsPublished', tenantId, published, suppressed, quarantined });
}
