/**
 * The `Retry-After` of a reply, in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3); undefined when absent or
 * unreadable.
 */
export function parseRetryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
