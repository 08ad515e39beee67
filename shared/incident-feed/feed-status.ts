import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { Table } from '../storage/tables.ts';
import { checkpointKey } from './feed-lease.ts';
import { parseState } from './feed-state.ts';
import type { Listeners } from './listeners.ts';
import { isQuarantined } from './pending-window.ts';

/** Status of the feed of a tenant. Instants are epoch milliseconds. */
export interface FeedStatus {
  /** When the feed last was up to date. */
  caughtUpAt: number | undefined;
  /** Defender must not be called before this time. */
  notBefore: number | undefined;
  /** Windows that cannot be read at the moment. */
  quarantinedWindows: number;
  /** Whether the feed has not read everything for ten minutes. */
  isBehind: boolean;
}

interface StatusParts {
  table: Table;
  listeners: Pick<Listeners, 'read'>;
  clock: Clock;
}

const maxLagMs = 10 * 60_000;
const readConcurrency = 16;

/** The status of the feeds that have listeners, by tenant. */
export async function readFeedStatuses({ table, listeners, clock }: StatusParts): Promise<Map<string, FeedStatus>> {
  const { tenants, activeSince } = await listeners.read();
  const statuses = await pMap(
    tenants,
    async ({ tenantId }): Promise<[string, FeedStatus][]> => {
      const since = activeSince(tenantId);
      if (since === undefined) return [];
      const row = await table.get(tenantId, checkpointKey);
      const { caughtUpAt, notBefore = 0, pendingWindows = [] } = (row && parseState(row)) ?? {};
      const now = clock.now();
      const status: FeedStatus = {
        caughtUpAt,
        notBefore: notBefore > now ? notBefore : undefined,
        quarantinedWindows: pendingWindows.filter(isQuarantined).length,
        isBehind: now - Math.max(caughtUpAt ?? 0, since) > maxLagMs,
      };
      return [[tenantId, status]];
    },
    { concurrency: readConcurrency },
  );
  return new Map(statuses.flat());
}
