import * as z from 'zod/mini';

const claimsSchema = z.object({
  roles: z.optional(z.array(z.string())),
  scp: z.optional(z.string()),
});

/**
 * The permissions that a token carries: application roles, or a user's delegated scopes. For diagnostics only: whether a token is
 * good is for the API to say.
 */
export function readPermissions(token: string): string[] {
  const payload = token.split('.')[1] ?? '';
  try {
    const { roles, scp } = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    return scp?.split(' ').filter(Boolean) ?? roles ?? [];
  } catch {
    return [];
  }
}
