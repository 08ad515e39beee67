import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { LeaseLostError } from '../storage/lease.ts';
import { renewWhile } from '../storage/renew-while.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { Table } from '../storage/tables.ts';
import type { PublishEvents } from '../webhooks/event.ts';
import { postpone } from './begin-run.ts';
import { type AcquiredFeed, acquireFeed, leaseMs } from './feed-lease.ts';
import { createFeedReport } from './feed-report.ts';
import { createFeedRun } from './feed-run.ts';
import { createIncidentBodies } from './incident-bodies.ts';
import { createIncidentLog } from './incident-log.ts';

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
   * Reads the new versions in a tenant while its budget of calls lasts; the next run continues.
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

async function runAcquired(parts: FeedParts, { lease, begun }: AcquiredFeed, tenantId: string, log: Log) {
  const { clock, table, publishEvents, observe } = parts;
  const report = createFeedReport({ tenantId, observe, log });
  const bodies = createIncidentBodies(tenantId, parts.blobs);
  const incidentLog = createIncidentLog({ tenantId, table, bodies, clock, lease, publishEvents, log });
  const openDefender = () => parts.openDefender(tenantId);
  const run = createFeedRun({ clock, openDefender, incidentLog, lease, begun, onQuarantine: report.quarantined });
  let failure: unknown;
  try {
    await renewWhile(lease, clock, leaseMs / 3, async () => {
      await incidentLog.republishPending();
      if (begun.notBefore <= clock.now()) await run.readAll();
    });
    await lease.release(run.toState);
  } catch (error) {
    failure = error;
    if (error instanceof LeaseLostError) throw error;
    const now = clock.now();
    await lease.abandon((state) => postpone(run.toState(state), error, now)).catch(() => {});
    if (isStorageFailure(error) || !(error instanceof UpstreamError || error instanceof RequestError)) throw error;
    report.failed(error);
  } finally {
    report.ended(run, run.toState(lease.state), clock.now(), failure);
  }
}
