import type { AccessToken, TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import { createExpiringCache, type Expiring } from './expiring-cache.ts';
import { toExpiry } from './token-expiry.ts';

const refreshAheadMs = 5 * 60_000;
const lastMomentsMs = 60_000;

/** A credential whose tokens are cached per scope, with one request for concurrent calls. */
export function createCachedCredential(credential: TokenCredential, clock: Pick<Clock, 'now'>): TokenCredential {
  const cache = createExpiringCache<AccessToken & Expiring>({ now: clock.now, capacity: 10 });
  return {
    getToken: (scopes) =>
      cache.get([scopes].flat().join(' '), async () => {
        const token = await credential.getToken(scopes);
        if (token === null) throw new TypeError('The credential returned no token');
        const endsAt = toExpiry(token.expiresOnTimestamp, clock.now());
        return { ...token, expiresAt: endsAt - lastMomentsMs, refreshAt: endsAt - refreshAheadMs };
      }),
  };
}
