import { ClientSecretCredential } from '@azure/identity';
import { UpstreamError } from '../errors.ts';
import { readRefusalKind } from './aadsts.ts';
import type { ClientSecret, ClientSecretStore } from './client-secret.ts';
import type { RunStep } from './credential-step.ts';

/** A token as the credential gives it. */
export interface IssuedToken {
  token: string;
  /** Epoch milliseconds. */
  expiresOnTimestamp: number;
  /** Epoch milliseconds; from here on Entra wants it renewed. */
  refreshAfterTimestamp?: number;
}

/** Proves to Entra that we are the app, and asks for a token of one tenant. */
export interface ClientCredential {
  /** @throws {UpstreamError} of the step that failed: `managedIdentity`, `keyVault` or `entra`. */
  requestToken(tenantId: string, scope: string): Promise<IssuedToken>;
}

interface ClientSecretCredentialOptions {
  runStep: RunStep;
  clientId: string;
  authority: string;
  secrets: ClientSecretStore;
}

/** The client-credentials flow with a secret that may be rotated at any time. */
export function createClientSecretCredential(options: ClientSecretCredentialOptions): ClientCredential {
  const { runStep, clientId, authority, secrets } = options;

  // A new credential object each time: MSAL's own cache would hand back the very token that is to be replaced.
  const request = (tenantId: string, scope: string, secret: ClientSecret) =>
    runStep('entra', (step) =>
      new ClientSecretCredential(tenantId, clientId, secret.value, { ...step, authorityHost: authority }).getToken(
        scope,
      ),
    );

  return {
    async requestToken(tenantId, scope) {
      const secret = await secrets.get();
      try {
        return await request(tenantId, scope, secret);
      } catch (error) {
        if (!isSecretRejected(error)) throw error;
        const other = await secrets.getOtherThan(secret);
        if (other.value === secret.value) throw error;
        return await request(tenantId, scope, other);
      }
    },
  };
}

function isSecretRejected(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'entra') return false;
  return readRefusalKind(error.upstream.code) === 'secretRejected';
}
