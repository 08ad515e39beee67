import type { TokenCredential } from '@azure/core-auth';
import { UpstreamError } from '../errors.ts';

import { readRefusalKind } from './aadsts-kind.ts';
import type { RunStep, SdkOptions } from './credential-step.ts';
import type { Principal } from './principal.ts';
import { requireIssuedToken } from './require-issued-token.ts';

/** A token as an SDK credential returns it. Instants in epoch milliseconds. */
export interface IssuedToken {
  token: string;
  expiresOnTimestamp: number;
  /** When Entra recommends a refresh. */
  refreshAfterTimestamp?: number;
}

/** Acquires tokens for a principal in its tenant, as the app. */
export interface ClientCredential {
  /**
   * @throws {UpstreamError} of the step that failed: `managedIdentity`, `keyVault` or `entra`.
   * @throws {RequestError} 401 if Entra rejects the user's assertion.
   */
  requestToken(principal: Principal, scope: string): Promise<IssuedToken>;
}

/** A secret, certificate or assertion that authenticates the app. */
interface CredentialValue {
  value: string;
}

/** Where the app's client credential comes from. It may change at any time. */
export interface ClientCredentialSource<V extends CredentialValue> {
  get(): Promise<V>;
  /** A newer credential than the one that Entra rejected; the same one if it is the newest. */
  getNewerThan(rejected: V): Promise<V>;
}

interface CredentialOptions extends SdkOptions {
  authorityHost: string;
}

/** Creates the SDK's credential for one request. MSAL's cache would return the token to be replaced. */
export type OpenCredential<V extends CredentialValue> = (
  credential: V,
  principal: Principal,
  options: CredentialOptions,
) => Promise<TokenCredential>;

interface ClientCredentialOptions<V extends CredentialValue> {
  runStep: RunStep;
  authority: string;
  source: ClientCredentialSource<V>;
  open: OpenCredential<V>;
  /** What an administrator can do about a rejected credential; undefined for the general advice. */
  adviseOnRejection?: (rejected: V, code: string | undefined) => Promise<string | undefined>;
}

/** The client-credentials flow, and the on-behalf-of flow for users. A credential that Entra rejects is read again once. */
export function createClientCredential<V extends CredentialValue>(
  options: ClientCredentialOptions<V>,
): ClientCredential {
  const { runStep, authority, source, open, adviseOnRejection } = options;

  const request = (principal: Principal, scope: string, value: V) =>
    runStep('entra', async (step) => {
      const credential = await open(value, principal, { ...step, authorityHost: authority });
      return requireIssuedToken(await credential.getToken(scope));
    });

  /** A rejection that names the credential. */
  async function explain(error: unknown, rejected: V): Promise<unknown> {
    if (!isCredentialRejected(error)) return error;
    return withNextStep(error, await adviseOnRejection?.(rejected, error.upstream.code));
  }

  return {
    async requestToken(principal, scope) {
      const value = await source.get();
      try {
        return await request(principal, scope, value);
      } catch (error) {
        if (!isCredentialRejected(error)) throw error;
        const newer = await source.getNewerThan(value);
        if (newer.value === value.value) throw await explain(error, value);
        try {
          return await request(principal, scope, newer);
        } catch (again) {
          throw await explain(again, newer);
        }
      }
    },
  };
}

function isCredentialRejected(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'entra') return false;
  return readRefusalKind(error.upstream.code) === 'credentialRejected';
}

function withNextStep(error: UpstreamError, nextStep = error.nextStep): UpstreamError {
  const { message, upstream, failure, retryAfterMs } = error;
  return new UpstreamError(message, { ...upstream, failure, retryAfterMs, nextStep, cause: error });
}
