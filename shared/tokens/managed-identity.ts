import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { UpstreamError } from '../errors.ts';
import type { RunStep } from './credential-step.ts';
import { requireIssuedToken } from './require-issued-token.ts';

interface ManagedIdentityOptions {
  runStep: RunStep;
  /** Client id of the user-assigned identity; undefined for the system-assigned one. */
  clientId: string | undefined;
  /** Whether the platform has an identity endpoint. */
  isAvailable: boolean;
}

/** MSAL keeps the first HttpClient for the whole process: this one, which delegates to the client of the current step. */
const clientOfStep = new AsyncLocalStorage<HttpClient>();
const currentClient: HttpClient = {
  async sendRequest(request) {
    const client = clientOfStep.getStore();
    if (client === undefined) throw new TypeError('The managed identity was used outside of a step');
    return await client.sendRequest(request);
  },
};

/** The function app's own identity. Fails with an `UpstreamError` of `managedIdentity`. */
export function createManagedIdentity({ runStep, clientId, isAvailable }: ManagedIdentityOptions): TokenCredential {
  return {
    async getToken(scopes) {
      // Without an endpoint the SDK would wait for the identity service of a virtual machine.
      if (!isAvailable) throw noIdentity();
      return await runStep('managedIdentity', async ({ httpClient, retryOptions }) => {
        const { ManagedIdentityCredential } = await import('./identity-sdk.ts');
        const options = { httpClient: currentClient, retryOptions, ...(clientId && { clientId }) };
        const credential = new ManagedIdentityCredential(options);
        return requireIssuedToken(await clientOfStep.run(httpClient, () => credential.getToken(scopes)));
      });
    },
  };
}

function noIdentity(): UpstreamError {
  return new UpstreamError('The function app has no managed identity (IDENTITY_ENDPOINT is not set).', {
    service: 'managedIdentity',
    failure: 'connection',
    nextStep: 'Assign a managed identity to the function app: az functionapp identity assign.',
  });
}
