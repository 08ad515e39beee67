/** The application itself, in one tenant. */
interface ApplicationPrincipal {
  kind: 'application';
  tenantId: string;
}

/** A signed-in user, on whose behalf the app calls Defender. Made from a validated access token only. */
export interface UserPrincipal {
  kind: 'user';
  tenantId: string;
  /** Object id (`oid`) of the user. */
  objectId: string;
  /** The user's access token for this app. */
  assertion: string;
  /** SHA-256 of the assertion, for cache keys. */
  assertionHash: string;
  /** Epoch milliseconds. No token that the assertion was exchanged for outlives it. */
  expiresAt: number;
}

/** The identity that calls Defender. */
export type Principal = ApplicationPrincipal | UserPrincipal;
