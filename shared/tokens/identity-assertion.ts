import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import type { ClientCredentialSource } from './client-credential.ts';
import { createExpiringCache, type Expiring } from './expiring-cache.ts';
import { toExpiry } from './token-expiry.ts';

/** The managed identity's token that serves as the application's federated credential. */
interface IdentityAssertion extends Expiring {
  value: string;
}

const refreshAheadMs = 5 * 60_000;
/** The token must be valid when Entra receives it. */
const lastMomentsMs = 60_000;

/** The managed identity's tokens for the federated credential, cached. Fails with an `UpstreamError` of `managedIdentity`. */
export function createIdentityAssertions(
  managedIdentity: TokenCredential,
  scope: string,
  clock: Clock,
): ClientCredentialSource<IdentityAssertion> {
  const cache = createExpiringCache<IdentityAssertion>({ now: clock.now, capacity: 1 });

  async function request(): Promise<IdentityAssertion> {
    const issued = await managedIdentity.getToken(scope);
    if (issued === null) throw new TypeError('The managed identity returned no token');
    const endsAt = toExpiry(issued.expiresOnTimestamp, clock.now());
    return { value: issued.token, expiresAt: endsAt - lastMomentsMs, refreshAt: endsAt - refreshAheadMs };
  }

  const get = () => cache.get(scope, request);
  return {
    get,
    async getNewerThan(rejected) {
      cache.forget(scope, rejected);
      return await get();
    },
  };
}
