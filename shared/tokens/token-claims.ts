import * as z from 'zod/mini';
import { readGuid } from '../tenant-id.ts';

const claimsSchema = z.object({
  roles: z.optional(z.array(z.string())),
  scp: z.optional(z.string()),
  oid: z.optional(z.string()),
  sub: z.optional(z.string()),
  appid: z.optional(z.string()),
  azp: z.optional(z.string()),
});

/**
 * The permissions that a token carries: application roles, or a user's delegated scopes. For diagnostics only: whether a token is
 * good is for the API to say.
 */
export function readPermissions(token: string): string[] {
  const { roles, scp } = readClaims(token);
  return scp?.split(' ').filter(Boolean) ?? roles ?? [];
}

/** Whom a token is about: the same in every token of one user. Not proven until Entra or an API takes the token. */
export function readSubject(token: string): string | undefined {
  const { oid, sub } = readClaims(token);
  return oid ?? sub;
}

/** The client id of the application whose own token it is, as the token says; undefined for a user's token. */
export function readApplicationId(token: string): string | undefined {
  const { scp, appid, azp } = readClaims(token);
  return scp === undefined ? readGuid(appid ?? azp ?? '') : undefined;
}

function readClaims(token: string): z.output<typeof claimsSchema> {
  const payload = token.split('.')[1] ?? '';
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  } catch {
    return {};
  }
}
