import { requireCertificate } from './certificate-assertion.ts';
import { Refusal } from './entra-refusal.ts';
import { requireFederation } from './federated-assertion.ts';
import type { SandboxState } from './state.ts';
import { readJwt } from './unverified-jwt.ts';
import type { Application } from './world.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Checks that the sender of a form is the application: by its secret, by an assertion that is signed with one of its
 * certificates, or by a token of an identity that it trusts.
 * @param tokenUrls where the form was sent to, in every way to write it
 * @throws {Refusal}
 */
export async function requireClientCredential(
  form: URLSearchParams,
  secret: string | undefined,
  app: Application,
  tokenUrls: readonly string[],
  state: SandboxState,
): Promise<void> {
  const assertion = form.get('client_assertion');
  if (assertion === null) return requireSecret(secret, app, state.now());
  if (form.get('client_assertion_type') !== assertionType) throw new Refusal(900144, 'client_assertion_type');
  const jwt = readJwt(assertion);
  if (!jwt) throw new Refusal(50027);
  // An application's own assertion names its certificate; an identity's token comes from an issuer with an address.
  const isOwn = jwt.thumbprint !== undefined || !jwt.claims.iss?.startsWith('https://');
  return isOwn ? requireCertificate(jwt, app, tokenUrls, state.now()) : requireFederation(jwt, app, state);
}

function requireSecret(secret: string | undefined, { secrets }: Application, at: number): void {
  if (secret === undefined) throw new Refusal(7000218);
  const known = secrets.find(({ value }) => value === secret);
  if (!known) throw new Refusal(7000215);
  if (known.expiresAt <= at) throw new Refusal(7000222);
}
