const dayMs = 24 * 60 * 60_000;
const warnBeforeDays = 30;

interface Credential {
  /** Epoch milliseconds; undefined when it never expires. */
  expiresAt: number | undefined;
}

/** Whole days until the credential expires, negative afterwards; undefined when it never does. */
export function daysLeft({ expiresAt }: Credential, now: number): number | undefined {
  return expiresAt === undefined ? undefined : Math.floor((expiresAt - now) / dayMs);
}

/** Whether it is time to tell somebody. */
export function isExpiringSoon(credential: Credential, now: number): boolean {
  return (daysLeft(credential, now) ?? Number.POSITIVE_INFINITY) < warnBeforeDays;
}
