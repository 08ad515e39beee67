import type { WindowPage } from '../defender/incident-window.ts';
import { ticksPerMs, toTicks } from '../defender/ticks.ts';
import type { UpstreamError } from '../errors.ts';
import type { PendingWindow } from './pending-window.ts';

/** One run of a feed. Instants are epoch milliseconds. */
export interface ReaderState {
  pendingWindows: readonly PendingWindow[];
  startedAt: number;
  maxCalls: number;
  /** Calls made in this run. */
  calls: number;
  /** Whether the service has answered in this run: a failure is then the window's. */
  isServiceUp: boolean;
  /** Windows quarantined in this run. */
  quarantined: readonly PendingWindow[];
  task: Task | undefined;
}

/** What the last call was made for. */
export type Task =
  /** Reads the next page of a window. */
  | { kind: 'read'; pending: PendingWindow }
  /** Requests what follows a short page that links to another one. */
  | { kind: 'confirmEnd'; pending: PendingWindow; page: WindowPage; hasNew: boolean }
  /** Tells a service that is down from a window that cannot be read. */
  | { kind: 'probe'; pending: PendingWindow; cause: UpstreamError }
  /** Reads the incidents of a window one by one: one of them makes the service fail. */
  | { kind: 'readSingly'; pending: PendingWindow; skip: number };

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
