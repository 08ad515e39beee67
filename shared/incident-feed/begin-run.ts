import type { IncidentWindow } from '../defender/incident-window.ts';
import { toTicks } from '../defender/ticks.ts';
import { RequestError } from '../errors.ts';
import { addCalls, callsLeft } from './call-budget.ts';
import type { FeedState } from './feed-state.ts';
import {
  closePendingWindows,
  cutHoles,
  isQuarantined,
  mergePendingWindows,
  type PendingWindow,
  toPending,
} from './pending-window.ts';

/** Defender is called again after that at the latest, even if it asks for more. */
const maxPauseMs = 60 * 60_000;
const defaultPauseMs = 60_000;
/** How far apart the clocks of two instances may be. */
export const maxClockSkewMs = 2 * 60_000;

/** Defender keeps an incident as long: https://learn.microsoft.com/defender-xdr/data-privacy */
export const retentionMs = 180 * 24 * 60 * 60_000;

interface RunStart {
  /** Epoch milliseconds, as all instants here. */
  now: number;
  overlapMs: number;
  /** When the first of the present listeners began. */
  activeSince: number;
}

/**
 * What a run has to read: the pending windows, and everything from a little before the last run on. Incidents that were
 * updated while the tenant had no listener are recorded as baseline. Later windows are read first.
 */
export function beginRun(state: FeedState, { now, overlapMs, activeSince }: RunStart): FeedState {
  // A listener from the future began on an instance whose clock is ahead.
  const since = activeSince > now ? now - maxClockSkewMs : activeSince;
  const lastRunAt = state.highWatermark === undefined ? since : Math.min(state.highWatermark, now);
  const hadStopped = state.highWatermark === undefined || lastRunAt < since - overlapMs;
  const pendingWindows = mergePendingWindows(dropExpired(state.pendingWindows, now)).map((pending) =>
    hadStopped ? { ...pending, isBaseline: true } : pending,
  );
  const isBehind = !pendingWindows.every(isQuarantined);
  // Reading the overlap again must not keep a run that is behind from reading what is pending.
  const splitAt = hadStopped ? since : isBehind ? lastRunAt : undefined;
  const from = toTicks(lastRunAt - overlapMs - maxClockSkewMs);
  const before = toPending(
    { updatedFrom: from, updatedBefore: splitAt === undefined ? splitAt : toTicks(splitAt) },
    hadStopped,
  );
  const after = splitAt === undefined ? [] : [toPending({ updatedFrom: toTicks(splitAt) })];
  const cut = (pending: PendingWindow) => cutPending(pending, pendingWindows);
  const notBefore = Math.min(state.notBefore, now + maxPauseMs);
  return {
    ...state,
    notBefore,
    highWatermark: now,
    pendingWindows: [...cut(before), ...pendingWindows, ...after.flatMap(cut)],
  };
}

/** Defender has removed the incidents of these windows. */
const dropExpired = (pendingWindows: readonly PendingWindow[], now: number): PendingWindow[] =>
  pendingWindows.filter(
    ({ window: { updatedBefore } }) => updatedBefore === undefined || updatedBefore > toTicks(now - retentionMs),
  );

/** Leaves out what is pending already. */
function cutPending(pending: PendingWindow, others: readonly PendingWindow[]): PendingWindow[] {
  const isWhole = ({ createdFrom, createdBefore }: IncidentWindow) =>
    createdFrom === undefined && createdBefore === undefined;
  const holes = others.filter((each) => isQuarantined(each) || isWhole(each.window)).map(({ window }) => window);
  return cutHoles(pending.window, holes).map((window) => ({ ...pending, window }));
}

/** The checkpoint of a run that crashes: all its calls count as made, and its open windows end where it began. */
export const reserveRun = (state: FeedState, now: number): FeedState => ({
  ...state,
  pendingWindows: closePendingWindows(state.pendingWindows, now),
  calls: addCalls(state.calls, now, callsLeft(state.calls, now)),
});

/** The checkpoint after a failed run. A throttled tenant is left alone for as long as Defender asks, an hour at most. */
export function postpone(state: FeedState, error: unknown, now: number): FeedState {
  if (!(error instanceof RequestError) || error.status !== 429) return state;
  const text = error.headers['retry-after'] ?? '';
  const pauseMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : defaultPauseMs;
  return { ...state, notBefore: now + Math.min(pauseMs, maxPauseMs) };
}
