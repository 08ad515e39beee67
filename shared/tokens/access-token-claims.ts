import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as z from 'zod/mini';
import { readGuid } from '../tenant-id.ts';

const headerSchema = z.object({ alg: z.literal('RS256'), kid: z.string() });

const claimsSchema = z.object({
  aud: z.string(),
  iss: z.string(),
  tid: z.string(),
  oid: z.optional(z.string()),
  sub: z.optional(z.string()),
  exp: z.number(),
  nbf: z.optional(z.number()),
  iat: z.optional(z.number()),
  scp: z.optional(z.string()),
  idtyp: z.optional(z.string()),
  roles: z.optional(z.array(z.string())),
  appid: z.optional(z.string()),
  azp: z.optional(z.string()),
});
type Claims = z.output<typeof claimsSchema>;

/** The claims of an access token that was issued for this app. */
export interface AccessTokenClaims {
  kind: 'application' | 'user';
  tenantId: string;
  /** Object id (`oid`) of the user, or of the application's service principal. */
  objectId: string;
  /** Client id of the application that requested the token. */
  appId: string | undefined;
  /** Application roles of this app that the caller was assigned. */
  roles: readonly string[];
  issuer: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** The claims and the id of the signing key, or the reason why the token cannot be accepted. */
export type ParsedAccessToken = { claims: AccessTokenClaims; keyId: string } | { reason: string };

/** Tolerance for `nbf` and `iat`, in milliseconds: the clocks of Entra and the app differ. None for `exp`. */
const clockSkewMs = 60_000;

/**
 * Reads a token and checks all claims that need neither keys nor the list of tenants. Nothing in the result is proven until the
 * signature is verified. https://learn.microsoft.com/entra/identity-platform/access-tokens
 */
export function parseAccessToken(token: string, audiences: ReadonlySet<string>, now: number): ParsedAccessToken {
  const decoded = decode(token);
  if (decoded === undefined) return { reason: 'it is not a signed JSON Web Token of Microsoft Entra' };
  const { claims, keyId } = decoded;
  const tenantId = readGuid(claims.tid);
  const objectId = readGuid(claims.oid ?? '');
  const kind = kindOf(claims);
  if (!audiences.has(claims.aud.replace(/\/$/, ''))) return { reason: 'it was issued for another audience' };
  if (kind === undefined || tenantId === undefined || objectId === undefined)
    return { reason: 'it is not an access token' };
  const reason = checkTimes(claims, now);
  if (reason !== undefined) return { reason };
  const { iss: issuer, roles = [], appid, azp } = claims;
  const appId = readGuid(appid ?? azp ?? '');
  return { claims: { kind, tenantId, objectId, appId, roles, issuer, expiresAt: claims.exp * 1000 }, keyId };
}

function decode(token: string): { claims: Claims; keyId: string } | undefined {
  try {
    const header = headerSchema.safeParse(decodeProtectedHeader(token)).data;
    const claims = claimsSchema.safeParse(decodeJwt(token)).data;
    return header === undefined || claims === undefined ? undefined : { claims, keyId: header.kid };
  } catch {
    return undefined;
  }
}

/** Undefined for anything else than an access token: the subject of an ID token is never the object id. */
function kindOf({ scp, idtyp, oid, sub }: Claims): AccessTokenClaims['kind'] | undefined {
  if (scp !== undefined) return 'user';
  return idtyp === 'app' || (oid !== undefined && oid === sub) ? 'application' : undefined;
}

function checkTimes({ exp, nbf = 0, iat = 0 }: Claims, now: number): string | undefined {
  if (exp * 1000 <= now) return 'it has expired';
  return Math.max(nbf, iat) * 1000 > now + clockSkewMs ? 'it is not valid yet' : undefined;
}
