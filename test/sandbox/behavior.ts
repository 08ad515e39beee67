/** Behavior in which the real services differ, or that could not be observed. Can be changed at any time. */
export interface Behavior {
  /** Rate limits of Defender and Graph; off for benchmarks and demonstrations. */
  limits: boolean;
  /** Replaces every documented limit per minute. */
  callsPerMinute: number | undefined;
  /** `Retry-After` on 429; the observed replies have none. */
  retryAfter: boolean;
  /** Whether a managed identity gets the same token until it expires, despite new grants. */
  cachesIdentityTokens: boolean;
  /** Lifetime of the tokens that Entra issues. */
  tokenLifetimeSeconds: number;
  /** `@odata.nextLink` on incident lists; the observed lists have none. */
  nextLinks: boolean;
  /** Maximum number of incidents on a page. */
  incidentPageSize: number;
  /** Maximum number of alerts on a page of Graph. */
  alertPageSize: number;
  /** How Graph writes the enumerations of an alert: the samples disagree. */
  alertEnumerations: 'camelCase' | 'PascalCase';
  /** The one spelling family of determinations that an update accepts. */
  determinations: 'any' | 'xdr' | 'mde';
  /** How Graph writes the members around hunting rows: the samples disagree. */
  huntingEnvelope: 'lower' | 'mixed';
  /** More rows than this and the result is too large. */
  huntingRowLimit: number;
  /** The status of Defender XDR's hunting call once it is retired. */
  retiredHunting: 404 | 410 | undefined;
}

export function createBehavior(changes: Partial<Behavior> = {}): Behavior {
  return {
    limits: true,
    callsPerMinute: undefined,
    retryAfter: false,
    cachesIdentityTokens: false,
    tokenLifetimeSeconds: 3599,
    nextLinks: false,
    incidentPageSize: 100,
    alertPageSize: 100,
    alertEnumerations: 'camelCase',
    determinations: 'any',
    huntingEnvelope: 'lower',
    huntingRowLimit: 100_000,
    retiredHunting: undefined,
    ...changes,
  };
}
