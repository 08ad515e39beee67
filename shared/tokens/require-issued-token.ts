import type { AccessToken } from '@azure/core-auth';

/** The SDKs pass on a token of any type. @throws {TypeError} for a response without a usable token. */
export function requireIssuedToken(issued: AccessToken | null): AccessToken {
  const { token, expiresOnTimestamp }: Partial<AccessToken> = issued ?? {};
  if (issued === null || typeof token !== 'string' || token === '' || !Number.isFinite(expiresOnTimestamp))
    throw new TypeError('The response has no usable token');
  return issued;
}
