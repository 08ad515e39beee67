const maxRetryAfterMs = 60 * 60_000;
/** A larger number of seconds is a timestamp by mistake. */
const maxSeconds = 366 * 24 * 60 * 60;

/**
 * The `Retry-After` of a response in milliseconds, at most an hour: seconds, rounded up, or an HTTP date (RFC 9110, 10.2.3).
 * Undefined if it is absent, zero, in the past or anything else: the normal back-off then applies.
 */
export function parseRetryAfterMs(value: string | undefined, now: number): number | undefined {
  const waitMs = parseWaitMs(value?.trim() ?? '', now);
  return waitMs !== undefined && waitMs > 0 ? Math.min(waitMs, maxRetryAfterMs) : undefined;
}

function parseWaitMs(text: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const seconds = Math.ceil(Number(text));
    return seconds <= maxSeconds ? seconds * 1000 : undefined;
  }
  return isHttpDate(text) ? Date.parse(text) - now : undefined;
}

/** `Date.parse` takes more than dates: it reads `-43` as the year 2043. */
const isHttpDate = (text: string): boolean =>
  /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?,? .*\d\d:\d\d:\d\d/.test(text) &&
  !Number.isNaN(Date.parse(text));
