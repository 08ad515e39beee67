import type { IncidentWindow } from '../defender/incident-window.ts';
import { type Ticks, toTicks } from '../defender/ticks.ts';

/** A window that is still to be read. */
export interface PendingWindow {
  window: IncidentWindow;
  /** Its incidents predate the first listener: they are recorded, not published. */
  isBaseline: boolean;
  /** Failed attempts. From the first on the window is quarantined. */
  failures: number;
  /** Epoch milliseconds before which the window is not read again. */
  retryAt: number;
  /** Position of the next page in a window that cannot be divided. */
  skip: number;
  /** Whether an earlier page held something new: incidents that left the window meanwhile may have moved others past us. */
  hasFound: boolean;
  /** Whether a page held an incident that cannot be versioned. */
  hasUnversioned: boolean;
}

export const toPending = (window: IncidentWindow, isBaseline = false): PendingWindow => ({
  window,
  isBaseline,
  failures: 0,
  retryAt: 0,
  skip: 0,
  hasFound: false,
  hasUnversioned: false,
});

export const isQuarantined = ({ failures }: PendingWindow): boolean => failures > 0;

/** Ends open windows at an instant (epoch milliseconds): the next run reads from there on. */
export const closePendingWindows = (pendingWindows: readonly PendingWindow[], at: number): PendingWindow[] =>
  pendingWindows.map((pending) =>
    pending.window.updatedBefore === undefined
      ? { ...pending, window: { ...pending.window, updatedBefore: toTicks(at) } }
      : pending,
  );

/** Above this number windows are merged. Below, the parts of a window that is being divided are better kept apart. */
const maxPendingWindows = 40;

/** Merges windows that touch where there are many: an outage leaves one per run. */
export function mergePendingWindows(pendingWindows: readonly PendingWindow[]): PendingWindow[] {
  const isPlain = ({ window, skip }: PendingWindow) =>
    skip === 0 && window.createdFrom === undefined && window.createdBefore === undefined;
  const kinds = [pendingWindows.filter(isQuarantined), pendingWindows.filter((pending) => !isQuarantined(pending))];
  return kinds.flatMap((kind) =>
    kind.length > maxPendingWindows
      ? [...kind.filter((pending) => !isPlain(pending)), ...mergeTouching(kind.filter(isPlain))]
      : kind,
  );
}

/** In the order of time. */
function mergeTouching(pendingWindows: readonly PendingWindow[]): PendingWindow[] {
  const merged: PendingWindow[] = [];
  for (const pending of [...pendingWindows].sort((a, b) => (a.window.updatedFrom < b.window.updatedFrom ? -1 : 1))) {
    const former = merged.at(-1);
    const end = former?.window.updatedBefore;
    const isTouching = end === undefined || end >= pending.window.updatedFrom;
    if (former === undefined || former.isBaseline !== pending.isBaseline || !isTouching) merged.push(pending);
    else merged.splice(-1, 1, mergeTwo(former, pending));
  }
  return merged;
}

const mergeTwo = (a: PendingWindow, b: PendingWindow): PendingWindow => ({
  ...a,
  window: {
    updatedFrom: a.window.updatedFrom,
    updatedBefore: laterEnd(a.window.updatedBefore, b.window.updatedBefore),
  },
  failures: Math.max(a.failures, b.failures),
  retryAt: Math.max(a.retryAt, b.retryAt),
});

const laterEnd = (a: Ticks | undefined, b: Ticks | undefined): Ticks | undefined =>
  a === undefined || b === undefined ? undefined : a > b ? a : b;
