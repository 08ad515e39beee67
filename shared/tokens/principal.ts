/** As whom we ask: the application itself, in one tenant. */
interface ApplicationPrincipal {
  kind: 'application';
  tenantId: string;
}

/** As whom we ask: a signed-in user, whose token for this app proves it. */
export interface UserPrincipal {
  kind: 'user';
  tenantId: string;
  /** The user's token for this app. */
  assertion: string;
  /** SHA-256 of the assertion: what it is remembered by. */
  assertionHash: string;
  /** Epoch milliseconds: nothing that the assertion was exchanged for outlives it. */
  expiresAt: number;
}

export type Principal = ApplicationPrincipal | UserPrincipal;
