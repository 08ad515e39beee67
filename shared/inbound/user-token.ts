import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { RequestError } from '../errors.ts';
import { readGuid } from '../tenant-id.ts';
import type { UserPrincipal } from '../tokens/principal.ts';

const claimsSchema = z.object({
  aud: z.string(),
  tid: z.string(),
  exp: z.number(),
  scp: z.optional(z.string()),
});

interface Expected {
  clientId: string;
  /** Epoch milliseconds. */
  now: number;
}

/**
 * The user that a bearer token for this app stands for; undefined for an application's own token, which is no user. Entra is the
 * validator, when the token is exchanged: what is looked at here only saves a request that could not succeed.
 * @throws {RequestError} 401 when the token cannot be used.
 */
export function parseUserToken(token: string, { clientId, now }: Expected): UserPrincipal | undefined {
  const claims = readClaims(token);
  const tenantId = readGuid(claims?.tid ?? '');
  if (claims === undefined || tenantId === undefined) throw invalidUserToken('it is no JSON Web Token of Entra');
  if (claims.aud !== clientId && claims.aud !== `api://${clientId}`)
    throw invalidUserToken('it is for another audience');
  const expiresAt = claims.exp * 1000;
  if (expiresAt <= now) throw invalidUserToken('it has expired');
  if (claims.scp === undefined) return undefined;
  const assertionHash = createHash('sha256').update(token).digest('base64url');
  return { kind: 'user', tenantId, assertion: token, assertionHash, expiresAt };
}

/**
 * The token of an `Authorization` header; undefined without the header.
 * @throws {RequestError} 401 for anything else: a caller who means to be somebody must not be taken for the application.
 */
export function readBearer(authorization: string | null): string | undefined {
  if (authorization === null) return undefined;
  const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw invalidUserToken('the Authorization header holds no bearer token');
  return token;
}

function readClaims(token: string) {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    return claimsSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}

function invalidUserToken(reason: string): RequestError {
  return new RequestError(401, 'InvalidUserToken', `The user's token cannot be used: ${reason}.`, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
