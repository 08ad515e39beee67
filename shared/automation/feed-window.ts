import type { IncidentVersion, IncidentWindow } from '../defender/incident-window.ts';
import type { Ticks } from '../defender/ticks.ts';

/**
 * Parts of a window that has more incidents than one answer: together they are the window, and each is smaller. The latest comes first.
 * Undefined for one that cannot be made smaller: all of its incidents were created, and were updated, at one instant.
 * @param end Where a window ends that has no end, for the time being.
 */
export function splitWindow(
  window: IncidentWindow,
  versions: readonly IncidentVersion[],
  end: Ticks,
): IncidentWindow[] | undefined {
  const { updatedFrom, updatedBefore } = window;
  const updated = findSplit(
    versions.map(({ updatedAt }) => updatedAt),
    updatedFrom,
    updatedBefore,
    end,
  );
  if (updated !== undefined)
    return [
      { ...window, updatedFrom: updated },
      { ...window, updatedBefore: updated },
    ];
  const { createdFrom = 0n, createdBefore } = window;
  const created = findSplit(
    versions.map(({ createdAt }) => createdAt),
    createdFrom,
    createdBefore,
    end,
  );
  if (created === undefined) return undefined;
  return [
    { ...window, createdFrom: created },
    { ...window, createdBefore: created },
  ];
}

/**
 * Where to divide a span: at the median of what was seen in it, or, where that is its beginning, as soon behind it as can be. Without
 * anything seen in the middle. Undefined for a span of a single instant.
 */
function findSplit(seen: readonly Ticks[], from: Ticks, before: Ticks | undefined, end: Ticks): Ticks | undefined {
  const last = before ?? seen.reduce((latest, at) => (at >= latest ? at + 1n : latest), end);
  if (last - from <= 1n) return undefined;
  const sorted = seen.filter((at) => at >= from && at < last).sort((a, b) => (a < b ? -1 : 1));
  const median = sorted[Math.floor(sorted.length / 2)] ?? (from + last) / 2n;
  return median > from ? median : from + 1n;
}

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
