import { ticksPerMs, toTicks } from '../defender/ticks.ts';
import type { PendingWindow } from './pending-window.ts';
import type { ReaderState } from './reader-state.ts';

/** From then on windows that fail are quarantined without being narrowed: one incident is hardly the cause. */
export const maxQuarantined = 50;

const firstRetryMs = 60_000;
const maxRetryMs = 6 * 60 * 60_000;
/** For a window that may hold several incidents. */
const maxWideRetryMs = 5 * 60_000;

/** Replaces a pending window with the rest of it. */
export const replace = (state: ReaderState, pending: PendingWindow, ...rest: PendingWindow[]): ReaderState => ({
  ...state,
  pendingWindows: [...state.pendingWindows.filter((each) => each !== pending), ...rest],
});

/** Puts a window off, so that the others can be read. */
export function quarantine(state: ReaderState, pending: PendingWindow, now: number): ReaderState {
  const { updatedFrom, updatedBefore = toTicks(now) } = pending.window;
  const isWide = updatedBefore - updatedFrom > ticksPerMs;
  const maxMs = isWide ? maxWideRetryMs : maxRetryMs;
  const pauseMs = pending.failures === 0 ? 0 : Math.min(firstRetryMs * 2 ** (pending.failures - 1), maxMs);
  const quarantined: PendingWindow = {
    ...pending,
    window: { ...pending.window, updatedBefore },
    failures: pending.failures + 1,
    retryAt: now + pauseMs + 1,
    skip: 0,
    hasFound: false,
    hasUnversioned: false,
  };
  return {
    ...replace(state, pending, quarantined),
    quarantined: [...state.quarantined, quarantined],
  };
}

/** Ends a window that was read to its last page. */
export function closeOrQuarantine(
  state: ReaderState,
  pending: PendingWindow,
  seen: PendingWindow,
  now: number,
): ReaderState {
  // Read in several pages, a window is read again until nothing in it is new.
  if (seen.skip > 0 && seen.hasFound)
    return replace(state, pending, { ...seen, skip: 0, hasFound: false, hasUnversioned: false });
  return seen.hasUnversioned ? quarantine(state, pending, now) : replace(state, pending);
}
