import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import type { ProofSource } from './client-credential.ts';
import { createExpiringCache, type Expiring } from './expiring-cache.ts';

/** A managed identity's token for the token exchange, by which the application proves itself. */
interface IdentityAssertion extends Expiring {
  value: string;
}

const refreshAheadMs = 5 * 60_000;
/** It has to be good when Entra gets it. */
const lastMomentsMs = 60_000;

/**
 * The managed identity's token as the application's credential: asked for once for however many need it, and kept while it is good.
 * @throws {UpstreamError} of `managedIdentity`.
 */
export function createIdentityAssertions(
  managedIdentity: TokenCredential,
  scope: string,
  clock: Clock,
): ProofSource<IdentityAssertion> {
  const cache = createExpiringCache<IdentityAssertion>({ now: clock.now, capacity: 1 });

  async function request(): Promise<IdentityAssertion> {
    const issued = await managedIdentity.getToken(scope);
    if (issued === null) throw new TypeError('The managed identity gave no token');
    const { token, expiresOnTimestamp } = issued;
    return {
      value: token,
      expiresAt: expiresOnTimestamp - lastMomentsMs,
      refreshAt: expiresOnTimestamp - refreshAheadMs,
    };
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
