import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { toEpochMs, toTicks } from '../defender/ticks.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { Table } from '../storage/tables.ts';
import { addCalls, callsLeft } from './call-budget.ts';
import { acquireFeedLease, type FeedLease, FeedLeaseLostError } from './feed-lease.ts';
import { createFeedReader, type FeedReader } from './feed-reader.ts';
import { closePendingWindows, type FeedState, mergePendingWindows, type PendingWindow } from './feed-state.ts';
import { cutHoles } from './feed-window.ts';
import type { FeedLedger } from './incident-versions.ts';

export interface FeedParts {
  table: Table;
  clock: Clock;
  observe: Observe;
  overlapMs: number;
  openDefender(tenantId: string): Defender;
  openLedger(tenantId: string): FeedLedger;
}

/** The incidents of every tenant: each version that can be seen is handed on once, and none is missed. */
export interface Feed {
  /**
   * Looks for what is new in a tenant, for as long as calls of Defender are left, and goes on where it stopped the next time.
   * @throws {UpstreamError} of `storage`.
   */
  run(tenantId: string, log: Log): Promise<void>;
}

export function createFeed(parts: FeedParts): Feed {
  const { table, clock } = parts;
  return {
    async run(tenantId, log) {
      const toBegun = (state: FeedState) => begin(parts, state);
      const lease = await acquireFeedLease(table, clock, tenantId, toBegun, (state) => reserve(clock.now(), state));
      if (lease === undefined) return;
      try {
        await runLeased(parts, lease, tenantId, log);
      } catch (error) {
        if (!(error instanceof FeedLeaseLostError)) throw error;
        log.warn(`The incidents of tenant ${tenantId} are read by another instance.`);
      }
    },
  };
}

async function runLeased(parts: FeedParts, lease: FeedLease, tenantId: string, log: Log): Promise<void> {
  const { clock, observe } = parts;
  const ledger = parts.openLedger(tenantId);
  const openDefender = () => parts.openDefender(tenantId);
  const reader = createFeedReader({ clock, openDefender, ledger, lease, tenantId, log }, lease.state);
  try {
    if (lease.isAfterCrash) await ledger.republishPending();
    if (lease.state.notBefore <= clock.now()) await readAll(reader);
    await lease.release(reader.state);
  } catch (error) {
    if (error instanceof FeedLeaseLostError) throw error;
    const state = toLeaveBehind(reader.state, error, clock.now());
    await lease.abandon(state).catch(() => {});
    if (isStorageFailure(error) || !(error instanceof UpstreamError || error instanceof RequestError)) throw error;
    // The next minute tries again; a message that came again and again would change nothing.
    const line = `The incidents of tenant ${tenantId} cannot be read just now (${describe(error)}).`;
    // Of a tenant without consent `checkCredentials` warns, once an hour.
    if (error instanceof RequestError && error.code === 'ConsentRequired') log.info(line);
    else log.warn(line);
  } finally {
    tell(observe, tenantId, reader, clock.now());
  }
}

/** What is to be read in this run: what was left over, and all from a little before the last run on. */
function begin({ clock, overlapMs }: FeedParts, state: FeedState): FeedState {
  const now = clock.now();
  const isFirst = state.highWatermark === undefined;
  const pendingWindows = mergePendingWindows(state.pendingWindows);
  const window = { updatedFrom: toTicks((state.highWatermark ?? now) - overlapMs) };
  const holes = pendingWindows.filter(({ failures }) => failures > 0).map((pending) => pending.window);
  const fresh = cutHoles(window, holes).map(
    (part): PendingWindow => ({ window: part, isBaseline: isFirst, failures: 0, retryAt: 0, skip: 0, hasFound: false }),
  );
  return { ...state, highWatermark: now, pendingWindows: [...pendingWindows, ...fresh] };
}

/** All calls count as made, and what is open ends here. */
const reserve = (now: number, state: FeedState): FeedState => ({
  ...state,
  pendingWindows: closePendingWindows(state.pendingWindows, now),
  calls: addCalls(state.calls, now, callsLeft(state.calls, now)),
});

async function readAll(reader: FeedReader): Promise<void> {
  while (await reader.readNext()) {
    // Until all is read, or no calls are left.
  }
}

function toLeaveBehind(state: FeedState, error: unknown, now: number): FeedState {
  if (!(error instanceof RequestError) || error.status !== 429) return state;
  const seconds = Number(error.headers['retry-after'] ?? 60);
  return { ...state, notBefore: now + seconds * 1000 };
}

/** Codes only: a sentence of Defender's may quote what was asked. */
function describe(error: UpstreamError | RequestError): string {
  const { service, status, code } = error.upstream ?? {};
  const own = error instanceof RequestError ? error.code : error.failure;
  return [own, service, status, code].filter((part) => part !== undefined).join(' ');
}

function tell(
  observe: Observe,
  tenantId: string,
  { state, published, suppressed, quarantined }: FeedReader,
  now: number,
): void {
  const { newestAt } = state;
  const lagMs = newestAt === undefined ? undefined : Math.max(0, now - toEpochMs(newestAt));
  if (lagMs !== undefined) observe({ name: 'IncidentFeedLag', tenantId, lagMs });
  if (published + suppressed + quarantined > 0)
    observe({ name: 'IncidentsHandedOn', tenantId, published, suppressed, quarantined });
}
