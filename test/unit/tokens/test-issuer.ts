import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWK, SignJWT } from 'jose';
import { clientId, homeTenantId } from '../settings.ts';

export const userId = 'cccccccc-2222-4333-8444-555555555555';
export const applicationObjectId = 'dddddddd-2222-4333-8444-555555555555';
export const otherAppId = 'eeeeeeee-2222-4333-8444-555555555555';

/** A key pair with which tests sign tokens as Entra does. */
export interface TestKey {
  keyId: string;
  privateKey: KeyObject;
  publicJwk: JWK;
}

export function createTestKey(keyId: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { keyId, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig' } };
}

/** The reply of `discovery/v2.0/keys`. */
export const toKeysReply = (...keys: TestKey[]) => ({ body: { keys: keys.map(({ publicJwk }) => publicJwk) } });

export const signed = ({ keyId, privateKey }: TestKey, claims: Record<string, unknown>): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId }).sign(privateKey);

/** Claims of a user's version 2.0 access token for the app; an undefined claim is left out. */
export const userClaims = (now: number, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  aud: clientId,
  iss: `https://login.microsoftonline.com/${homeTenantId}/v2.0`,
  tid: homeTenantId,
  oid: userId,
  sub: 'pairwise',
  scp: 'user_impersonation',
  azp: otherAppId,
  iat: now / 1000,
  nbf: now / 1000,
  exp: now / 1000 + 3600,
  ver: '2.0',
  ...changes,
});

/** Claims of the version 1.0 access token that a managed identity gets for the app. */
export const applicationClaims = (now: number, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...userClaims(now),
  aud: `api://${clientId}`,
  iss: `https://sts.windows.net/${homeTenantId}/`,
  oid: applicationObjectId,
  sub: applicationObjectId,
  scp: undefined,
  azp: undefined,
  appid: otherAppId,
  roles: ['Incident.Read'],
  ver: '1.0',
  ...changes,
});
