import { RequestError, type UpstreamAnswer } from '../errors.ts';

/** Asks the user to sign in again. `claims` is the claims challenge of Conditional Access as JSON. */
export function toInteractionRequired(upstream: UpstreamAnswer, claims: string | undefined): RequestError {
  const challenge = claims === undefined ? '' : `, claims="${Buffer.from(claims).toString('base64')}"`;
  return new RequestError(401, 'InteractionRequired', 'The user must sign in again to satisfy the claims challenge.', {
    upstream,
    headers: { 'www-authenticate': `Bearer error="insufficient_claims"${challenge}` },
    nextStep: 'Sign the user in again with the claims of the WWW-Authenticate header, and call with the new token.',
  });
}
