import type { Clock } from '../clock.ts';
import type { Api } from '../clouds.ts';
import { UpstreamError } from '../errors.ts';
import type { Observe } from '../outbound/observation.ts';
import type { ClientCredential, IssuedToken } from './client-credential.ts';
import { createExpiringCache, type Expiring } from './expiring-cache.ts';
import type { Principal } from './principal.ts';
import { toExpiry } from './token-expiry.ts';

export interface AccessToken extends Expiring {
  token: string;
}

/** Access tokens for a principal and an API: cached, single-flight, refreshed ahead of their expiry. */
export interface TokenProvider {
  /** @throws {UpstreamError} of the step that failed: `managedIdentity`, `keyVault` or `entra`. */
  getToken(principal: Principal, api: Api): Promise<AccessToken>;
  /** Drops a token that the API rejected, unless it was replaced since. */
  forget(principal: Principal, api: Api, token: AccessToken): void;
  /** Drops all tokens of a tenant, the application's and its users'. */
  forgetTenant(tenantId: string): void;
  /** Requests a new token and caches it. */
  renew(principal: Principal, api: Api): Promise<AccessToken>;
}

interface TokenProviderOptions {
  clock: Clock;
  credential: ClientCredential;
  /** The resource of an API's tokens, such as `https://graph.microsoft.com`. */
  resourceOf: (api: Api) => string;
  observe: Observe;
}

/** About 2 KB each, 20 MB in total. */
const capacity = 10_000;
const refreshAheadMs = 5 * 60_000;
/** A token is not used this close to its expiry: it could expire on the way. */
const lastMomentsMs = 30_000;

export function createTokenProvider({ clock, credential, resourceOf, observe }: TokenProviderOptions): TokenProvider {
  const cache = createExpiringCache<AccessToken>({ now: clock.now, capacity });

  async function request(principal: Principal, api: Api): Promise<AccessToken> {
    const { tenantId } = principal;
    const startedAt = clock.now();
    const observed = (outcome: { succeeded: boolean; code?: string }) =>
      observe({ name: 'TokenAcquisition', tenantId, api, durationMs: clock.now() - startedAt, ...outcome });
    try {
      const issued = await credential.requestToken(principal, `${resourceOf(api)}/.default`);
      observed({ succeeded: true });
      return toAccessToken(issued, principal, clock.now());
    } catch (error) {
      const code = error instanceof UpstreamError ? (error.upstream.code ?? error.failure) : 'unknown';
      observed({ succeeded: false, code });
      throw error;
    }
  }

  return {
    getToken: (principal, api) => cache.get(keyOf(principal, api), () => request(principal, api)),
    forget: (principal, api, token) => cache.forget(keyOf(principal, api), token),
    forgetTenant: (tenantId) => cache.forgetAll((key) => key.split(' ')[1] === tenantId),
    renew: (principal, api) => cache.renew(keyOf(principal, api), () => request(principal, api)),
  };
}

/** A key without the tenant or the user would leak the data of one to the other. */
function keyOf(principal: Principal, api: Api): string {
  const { kind, tenantId } = principal;
  return kind === 'user' ? `${kind} ${tenantId} ${api} ${principal.assertionHash}` : `${kind} ${tenantId} ${api}`;
}

/** A user's token expires with its assertion, if that is earlier; a refresh cannot extend it then. */
function toAccessToken(issued: IssuedToken, principal: Principal, now: number): AccessToken {
  const { token, expiresOnTimestamp, refreshAfterTimestamp = Number.NaN } = issued;
  const issuedUntil = toExpiry(expiresOnTimestamp, now);
  const isLimitedByAssertion = principal.kind === 'user' && principal.expiresAt <= issuedUntil;
  const endsAt = isLimitedByAssertion ? principal.expiresAt : issuedUntil;
  const lifetimeMs = Math.max(0, endsAt - now);
  const expiresAt = endsAt - Math.min(lastMomentsMs, lifetimeMs / 10);
  const ahead = endsAt - Math.min(refreshAheadMs, lifetimeMs / 2);
  return {
    token,
    expiresAt,
    refreshAt: isLimitedByAssertion
      ? expiresAt
      : Math.min(ahead, Number.isFinite(refreshAfterTimestamp) ? refreshAfterTimestamp : ahead),
  };
}
