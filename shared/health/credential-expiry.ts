const dayMs = 24 * 60 * 60_000;
const warnBeforeDays = 30;

interface Credential {
  /** Epoch milliseconds; undefined if it never expires. */
  expiresAt: number | undefined;
}

/** Whole days until the credential expires, negative afterwards; undefined if it never does. */
export function daysLeft({ expiresAt }: Credential, now: number): number | undefined {
  return expiresAt === undefined ? undefined : Math.floor((expiresAt - now) / dayMs);
}

/** Whether less than 30 days are left. */
export function isExpiringSoon(credential: Credential, now: number): boolean {
  return (daysLeft(credential, now) ?? Number.POSITIVE_INFINITY) < warnBeforeDays;
}
