import * as z from 'zod/mini';

const claimsSchema = z.object({
  roles: z.optional(z.array(z.string())),
  scp: z.optional(z.string()),
});

/**
 * The permissions in a token for Defender: application roles, or a user's delegated scopes. For diagnostics only: the API decides
 * whether a token is valid.
 */
export function readPermissions(token: string): string[] {
  const { roles, scp } = readClaims(token);
  return scp?.split(' ').filter(Boolean) ?? roles ?? [];
}

function readClaims(token: string): z.output<typeof claimsSchema> {
  const payload = token.split('.')[1] ?? '';
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  } catch {
    return {};
  }
}
