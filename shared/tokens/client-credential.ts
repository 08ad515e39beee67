import { UpstreamError } from '../errors.ts';
import { readRefusalKind } from './aadsts.ts';
import type { ClientSecret, ClientSecretStore } from './client-secret.ts';
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

interface ClientSecretCredentialOptions {
  runStep: RunStep;
  clientId: string;
  authority: string;
  secrets: ClientSecretStore;
}

/** The client-credentials flow, and the on-behalf-of flow for users, with a secret that may be rotated at any time. */
export function createClientSecretCredential(options: ClientSecretCredentialOptions): ClientCredential {
  const { runStep, clientId, authority, secrets } = options;

  const request = (principal: Principal, scope: string, { value: clientSecret }: ClientSecret) =>
    runStep('entra', async (step) => {
      const { ClientSecretCredential, OnBehalfOfCredential } = await import('./identity-sdk.ts');
      const { tenantId } = principal;
      const common = { ...step, authorityHost: authority };
      // A new credential object each time: MSAL's own cache would hand back the very token that is to be replaced.
      const credential =
        principal.kind === 'user'
          ? new OnBehalfOfCredential({
              ...common,
              tenantId,
              clientId,
              clientSecret,
              userAssertionToken: principal.assertion,
            })
          : new ClientSecretCredential(tenantId, clientId, clientSecret, common);
      return await credential.getToken(scope);
    });

  return {
    async requestToken(principal, scope) {
      const secret = await secrets.get();
      try {
        return await request(principal, scope, secret);
      } catch (error) {
        if (!isSecretRejected(error)) throw error;
        const other = await secrets.getOtherThan(secret);
        if (other.value === secret.value) throw error;
        return await request(principal, scope, other);
      }
    },
  };
}

function isSecretRejected(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'entra') return false;
  return readRefusalKind(error.upstream.code) === 'secretRejected';
}
