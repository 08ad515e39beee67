/** Instants as Defender writes them, in units of 100 nanoseconds since 1970: a Date would lose all below a millisecond. */
export type Ticks = bigint;

export const ticksPerMs = 10_000n;

/** Undefined for what is no instant in UTC. */
export function parseTicks(text: unknown): Ticks | undefined {
  if (typeof text !== 'string') return undefined;
  const [, seconds, fraction = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/i.exec(text) ?? [];
  const at = seconds === undefined ? Number.NaN : Date.parse(`${seconds}Z`);
  if (Number.isNaN(at)) return undefined;
  return BigInt(at) * ticksPerMs + BigInt(fraction.padEnd(7, '0').slice(0, 7));
}

export const toTicks = (epochMs: number): Ticks => BigInt(Math.floor(epochMs)) * ticksPerMs;

export const toEpochMs = (ticks: Ticks): number => Number(ticks / ticksPerMs);

/** With all seven fractional digits, so that texts sort as their instants do. */
export function formatTicks(ticks: Ticks): string {
  const withinMs = String(ticks % ticksPerMs).padStart(4, '0');
  return new Date(toEpochMs(ticks)).toISOString().replace('Z', `${withinMs}Z`);
}
