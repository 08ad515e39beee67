import type { IncidentVersion, IncidentWindow } from '../defender/incident-window.ts';
import { type Ticks, ticksPerMs } from '../defender/ticks.ts';

/**
 * Parts of a window that has more incidents than one answer: together they are the window, and each is smaller. The latest comes first.
 * Undefined for one that cannot be made smaller: all of its incidents were created, and were updated, in one millisecond.
 * @param end Where a window ends that has no end, for the time being.
 * @param first Which part is read first, and should be read in one go.
 */
export function splitWindow(
  window: IncidentWindow,
  versions: readonly IncidentVersion[],
  end: Ticks,
  first: 'latest' | 'oldest',
): IncidentWindow[] | undefined {
  const { updatedFrom, updatedBefore, createdFrom, createdBefore } = window;
  const updates = versions.map(({ updatedAt }) => updatedAt);
  const updated = findSplit(updates, { from: updatedFrom, before: updatedBefore ?? end }, first);
  if (updated !== undefined)
    return [
      { ...window, updatedFrom: updated },
      { ...window, updatedBefore: updated },
    ];
  const creations = versions.map(({ createdAt }) => createdAt);
  // Where nobody knows how old the oldest is, the oldest that was seen will do.
  const oldest = creations.reduce<Ticks>((least, at) => earliest(least, at), createdBefore ?? end);
  const created = findSplit(creations, { from: createdFrom ?? oldest, before: createdBefore ?? oldest }, first);
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

/**
 * Where to divide a span, of which some instants were seen: at a whole millisecond, since a service may compare no finer. Undefined for a
 * span of a single one.
 */
function findSplit(seen: readonly Ticks[], { from, before }: Span, first: 'latest' | 'oldest'): Ticks | undefined {
  const last = seen.reduce((end, at) => latest(end, at + 1n), before);
  const lastMs = toWholeMs(last - 1n);
  if (lastMs <= from) return undefined;
  const sorted = [...seen].sort((a, b) => (a < b ? -1 : 1));
  const least = sorted[0] ?? from;
  // Many seen at the end of the span only: it is listed from there on, and most of it was not seen.
  const isListedFromEnd = least - from > (last - from) / 2n;
  const median = sorted[Math.floor(sorted.length / 2)] ?? from;
  const behindLeast = first === 'latest' ? least + ticksPerMs : from + (least - from) / 2n;
  const split = toWholeMs(earliest(isListedFromEnd ? behindLeast : median, lastMs));
  return split > from ? split : from + ticksPerMs;
}

/** The beginning of the millisecond in which an instant is. */
export const toWholeMs = (at: Ticks): Ticks => at - (at % ticksPerMs);

/** What of a window is left when holes are cut out of it, the latest first. Holes are spans of the time of the last update. */
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
