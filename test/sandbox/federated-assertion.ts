import { Refusal } from './entra-refusal.ts';
import type { SandboxState } from './state.ts';
import type { UnverifiedJwt } from './unverified-jwt.ts';
import type { Application, FederatedCredential } from './world.ts';

const members = ['issuer', 'audience', 'subject'] as const;
const codes = { issuer: 700211, audience: 700212, subject: 700213 } as const;

/**
 * Verifies a token of a managed identity that an application shows as its own credential.
 * @throws {Refusal}
 */
export async function requireFederation(
  { token, claims }: UnverifiedJwt,
  { federatedCredentials }: Application,
  { tokens, world, now }: SandboxState,
): Promise<void> {
  const verified = await tokens.read(token);
  if (verified?.scp !== undefined) throw new Refusal(700229);
  const presented = { issuer: claims.iss ?? '', audience: String(claims.aud), subject: claims.sub ?? '' };
  requireMatch(presented, federatedCredentials);
  if (!verified) throw new Refusal(700027, 'Client assertion failed signature validation.');
  const isSystemAssigned = world.identities.some((each) => !each.userAssigned && each.clientId === verified.azp);
  if (isSystemAssigned) throw unmatched(presented);
  if (verified.exp * 1000 <= now()) throw new Refusal(700024);
}

/** Names the one member that keeps a credential from matching, where it is only one. */
function requireMatch(presented: FederatedCredential, credentials: readonly FederatedCredential[]): void {
  const differences = credentials.map((each) => members.filter((member) => each[member] !== presented[member]));
  if (differences.some(({ length }) => length === 0)) return;
  const [only] = differences.find(({ length }) => length === 1) ?? [];
  throw only ? new Refusal(codes[only], presented[only]) : unmatched(presented);
}

function unmatched({ issuer, subject, audience }: FederatedCredential): Refusal {
  return new Refusal(
    70021,
    `Assertion Issuer: '${issuer}'. Assertion Subject: '${subject}'. Assertion Audience: '${audience}'.`,
  );
}
