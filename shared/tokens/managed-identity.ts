import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { UpstreamError } from '../errors.ts';
import type { RunStep } from './credential-step.ts';

interface ManagedIdentityOptions {
  runStep: RunStep;
  /** The user-assigned identity; absent means the system-assigned one. */
  clientId: string | undefined;
  /** Whether the platform offers an identity endpoint at all. */
  isAvailable: boolean;
}

/**
 * MSAL keeps the first HttpClient that it is given for the whole process: it gets this one, which passes on to the client of whichever
 * step is being taken.
 */
const clientOfStep = new AsyncLocalStorage<HttpClient>();
const currentClient: HttpClient = {
  async sendRequest(request) {
    const client = clientOfStep.getStore();
    if (client === undefined) throw new TypeError('The managed identity was asked outside of a step');
    return await client.sendRequest(request);
  },
};

/** The function app's own identity, which is what opens Key Vault. */
export function createManagedIdentity({ runStep, clientId, isAvailable }: ManagedIdentityOptions): TokenCredential {
  return {
    async getToken(scopes) {
      // Without an endpoint the SDK would look for the identity service of a virtual machine, and wait for it in vain.
      if (!isAvailable) throw noIdentity();
      return await runStep('managedIdentity', async ({ httpClient, retryOptions }) => {
        const { ManagedIdentityCredential } = await import('./identity-sdk.ts');
        const options = { httpClient: currentClient, retryOptions, ...(clientId && { clientId }) };
        return await clientOfStep.run(httpClient, () => new ManagedIdentityCredential(options).getToken(scopes));
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
