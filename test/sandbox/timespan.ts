/** Both ends are epoch milliseconds. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

const durationPattern = /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * The window that an ISO 8601 timespan means: a duration up to now, `start/end`, `start/duration`, `duration/end`, or an
 * instant from which on it lasts. Undefined for other text.
 */
export function parseTimespan(timespan: string, now: number): TimeWindow | undefined {
  const [first = '', second, ...others] = timespan.split('/');
  if (others.length > 0) return undefined;
  const start = toInstant(first);
  const duration = toDurationMs(first);
  if (second === undefined) {
    if (duration !== undefined) return { from: now - duration, to: now };
    return start === undefined ? undefined : { from: start, to: now };
  }
  const end = toInstant(second);
  const length = toDurationMs(second);
  if (start !== undefined && end !== undefined) return { from: start, to: end };
  if (start !== undefined && length !== undefined) return { from: start, to: start + length };
  if (duration !== undefined && end !== undefined) return { from: end - duration, to: end };
  return undefined;
}

function toInstant(text: string): number | undefined {
  const at = instantPattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function toDurationMs(text: string): number | undefined {
  const parts = durationPattern.exec(text);
  if (!parts) return undefined;
  const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  const inHours = ((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0);
  return ((inHours * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
