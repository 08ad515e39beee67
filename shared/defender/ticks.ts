/** An instant in units of 100 nanoseconds since 1970: the precision of Defender's timestamps, which a `Date` would cut to milliseconds. */
export type Ticks = bigint;

export const ticksPerMs = 10_000n;

const pattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))? ?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * Parses an ISO 8601 timestamp of a service: UTC where it has no zone, any offset, any number of fraction digits (those below 100 ns are
 * cut off). Undefined for anything else, and before 1970.
 */
export function parseTicks(text: unknown): Ticks | undefined {
  const match = typeof text === 'string' ? pattern.exec(text.trim()) : null;
  if (match === null) return undefined;
  const [, date, minutes, seconds = ':00', fraction = '', zone = 'Z'] = match;
  const offset = zone.length === 3 ? `${zone}:00` : zone.replace(/^(...)(\d\d)$/, '$1:$2').toUpperCase();
  const at = Date.parse(`${date}T${minutes}${seconds}${offset}`);
  if (Number.isNaN(at) || at < 0) return undefined;
  return BigInt(at) * ticksPerMs + BigInt(fraction.padEnd(7, '0').slice(0, 7));
}

export const toTicks = (epochMs: number): Ticks => BigInt(Math.floor(epochMs)) * ticksPerMs;

export const toEpochMs = (ticks: Ticks): number => Number(ticks / ticksPerMs);

/** ISO 8601 in UTC with seven fraction digits: the text sorts as the instants do. */
export function formatTicks(ticks: Ticks): string {
  const withinMs = String(ticks % ticksPerMs).padStart(4, '0');
  return new Date(toEpochMs(ticks)).toISOString().replace('Z', `${withinMs}Z`);
}
