import type { IncidentVersion, IncidentWindow } from '../defender/incident-window.ts';
import { type Ticks, ticksPerMs, toTicks } from '../defender/ticks.ts';

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
  /** Whether an earlier page held something new: incidents that left the window during the read may have shifted others to pages that were read before. */
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

/**
 * Divides a window that holds more incidents than one page, by the time of the last update or, within one millisecond, by the time of
 * creation. The latest part comes first. Undefined where all incidents were created and updated in one millisecond.
 * @param end Substitute for the end of an open window.
 */
export function splitWindow(
  window: IncidentWindow,
  versions: readonly IncidentVersion[],
  end: Ticks,
): IncidentWindow[] | undefined {
  const { updatedFrom, updatedBefore, createdFrom, createdBefore } = window;
  const updates = versions.map(({ updatedAt }) => updatedAt);
  const updated = findSplit(updates, { from: updatedFrom, before: updatedBefore ?? end });
  if (updated !== undefined)
    return [
      { ...window, updatedFrom: updated },
      { ...window, updatedBefore: updated },
    ];
  const creations = versions.map(({ createdAt }) => createdAt);
  // The oldest creation in the window is unknown: the oldest one seen takes its place.
  const oldest = creations.reduce<Ticks>((least, at) => earliest(least, at), createdBefore ?? end);
  const created = findSplit(creations, { from: createdFrom ?? oldest, before: createdBefore ?? oldest });
  if (created === undefined) return undefined;
  return [
    { ...window, createdFrom: created },
    { ...window, createdBefore: created },
  ];
}

interface Span {
  from: Ticks;
  before: Ticks;
}

/** Where to divide a span: at a whole millisecond, since a service may compare no finer. Undefined for a span of one millisecond. */
function findSplit(seen: readonly Ticks[], { from, before }: Span): Ticks | undefined {
  const last = seen.reduce((end, at) => latest(end, at + 1n), before);
  const lastMs = toWholeMs(last - 1n);
  if (lastMs <= from) return undefined;
  const sorted = [...seen].sort((a, b) => (a < b ? -1 : 1));
  const least = sorted[0] ?? from;
  // Where all lie near the end, the list begins there and most of the span is unseen.
  const isListedFromEnd = least - from > (last - from) / 2n;
  const median = sorted[Math.floor(sorted.length / 2)] ?? from + (last - from) / 2n;
  const split = toWholeMs(earliest(isListedFromEnd ? least + ticksPerMs : median, lastMs));
  return split > from ? split : from + ticksPerMs;
}

/** The two halves of a window by the time of the last update. Undefined for a window of one millisecond. */
export function halveWindow(window: IncidentWindow, end: Ticks): [IncidentWindow, IncidentWindow] | undefined {
  const { updatedFrom, updatedBefore = end } = window;
  const middle = toWholeMs((updatedFrom + updatedBefore) / 2n);
  if (middle <= updatedFrom) return undefined;
  return [
    { ...window, updatedBefore: middle },
    { ...window, updatedFrom: middle },
  ];
}

/** The beginning of the millisecond that holds an instant. */
const toWholeMs = (at: Ticks): Ticks => at - (at % ticksPerMs);

/** The parts of a window outside of the holes, the latest first. Holes are spans of the time of the last update. */
export function cutHoles(window: IncidentWindow, holes: readonly IncidentWindow[]): IncidentWindow[] {
  let parts = [window];
  for (const { updatedFrom: from, updatedBefore: before } of holes) {
    if (before === undefined) continue;
    parts = parts.flatMap((part) =>
      [
        { ...part, updatedFrom: latest(part.updatedFrom, before) },
        { ...part, updatedBefore: earliest(part.updatedBefore, from) },
      ].filter(({ updatedFrom, updatedBefore }) => updatedBefore === undefined || updatedFrom < updatedBefore),
    );
  }
  return parts;
}

const latest = (a: Ticks, b: Ticks): Ticks => (a > b ? a : b);
const earliest = (a: Ticks | undefined, b: Ticks): Ticks => (a === undefined || a > b ? b : a);
