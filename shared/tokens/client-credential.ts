import type { TokenCredential } from '@azure/core-auth';
import { UpstreamError } from '../errors.ts';
import type { SdkOptions } from '../outbound/sdk-call.ts';
import { readRefusalKind } from './aadsts-kind.ts';
import type { RunStep } from './credential-step.ts';
import type { Principal } from './principal.ts';

/** A token as the credential gives it. */
export interface IssuedToken {
  token: string;
  /** Epoch milliseconds. */
  expiresOnTimestamp: number;
  /** Epoch milliseconds; from here on Entra wants it renewed. */
  refreshAfterTimestamp?: number;
}

/** Proves to Entra that we are the app, and asks for a token as a principal in its tenant. */
export interface ClientCredential {
  /**
   * @throws {UpstreamError} of the step that failed: `managedIdentity`, `keyVault` or `entra`.
   * @throws {RequestError} 401 when Entra does not accept the user's assertion.
   */
  requestToken(principal: Principal, scope: string): Promise<IssuedToken>;
}

/** Where that comes from by which the app proves itself: a secret, a certificate, an assertion. It may change at any time. */
export interface ProofSource<P extends Proof> {
  get(): Promise<P>;
  /** Another one than Entra just rejected; the same one if there is no other. */
  getNewerThan(rejected: P): Promise<P>;
}

export interface Proof {
  value: string;
}

/** What an SDK credential is made with. */
interface CredentialOptions extends SdkOptions {
  authorityHost: string;
}

/** Makes the SDK's credential for one request. A new one each time: MSAL's own cache would hand back the very token that is to be replaced. */
export type OpenCredential<P extends Proof> = (
  proof: P,
  principal: Principal,
  options: CredentialOptions,
) => Promise<TokenCredential>;

interface ClientCredentialOptions<P extends Proof> {
  runStep: RunStep;
  authority: string;
  source: ProofSource<P>;
  open: OpenCredential<P>;
}

/** The client-credentials flow, and the on-behalf-of flow for users. A proof that Entra rejects is fetched anew, once. */
export function createClientCredential<P extends Proof>(options: ClientCredentialOptions<P>): ClientCredential {
  const { runStep, authority, source, open } = options;

  const request = (principal: Principal, scope: string, proof: P) =>
    runStep('entra', async (step) => {
      const credential = await open(proof, principal, { ...step, authorityHost: authority });
      // Of these credentials each gives a token or throws.
      return (await credential.getToken(scope)) ?? Promise.reject(new TypeError('The credential gave no token'));
    });

  return {
    async requestToken(principal, scope) {
      const proof = await source.get();
      try {
        return await request(principal, scope, proof);
      } catch (error) {
        if (!isCredentialRejected(error)) throw error;
        const other = await source.getNewerThan(proof);
        if (other.value === proof.value) throw error;
        return await request(principal, scope, other);
      }
    },
  };
}

function isCredentialRejected(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'entra') return false;
  return readRefusalKind(error.upstream.code) === 'credentialRejected';
}
