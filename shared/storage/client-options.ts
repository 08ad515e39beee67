import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { StoragePlatform } from './storage-call.ts';

interface ClientOptions {
  retryOptions: { maxTries: 1 };
  additionalPolicies: { policy: PipelinePolicy; position: 'perRetry' }[];
}

/**
 * Options of queue and blob clients: without retries of their own. They accept an `HttpClient` of an older kind only, so the last policy of
 * their pipeline sends instead.
 */
export const toClientOptions = ({ httpClient }: StoragePlatform): ClientOptions => ({
  retryOptions: { maxTries: 1 },
  additionalPolicies: [
    { policy: { name: 'send', sendRequest: (request) => httpClient.sendRequest(request) }, position: 'perRetry' },
  ],
});
