const maxLifetimeMs = 24 * 60 * 60_000;

/** When a cached token expires, in epoch milliseconds: in 24 hours at most. Entra issues none for longer. */
export const toExpiry = (expiresOnTimestamp: number, now: number): number =>
  Math.min(expiresOnTimestamp, now + maxLifetimeMs);
