import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { SdkOptions } from '../outbound/sdk-call.ts';
import type { StorageAccount } from '../storage-account.ts';

/** What a client of queues or blobs is made with: an address, which bears a shared access signature, and whoever signs its requests. */
export function authorize<Credential>(
  url: string,
  { authorization }: Pick<StorageAccount, 'authorization'>,
  managedIdentity: TokenCredential,
  createKey: (accountName: string, accountKey: string) => Credential,
): [url: string, credential?: Credential | TokenCredential] {
  switch (authorization.kind) {
    case 'key':
      return [url, createKey(authorization.accountName, authorization.accountKey)];
    case 'sharedAccessSignature':
      return [`${url}?${authorization.signature.replace(/^\?/, '')}`];
    case 'identity':
      return [url, managedIdentity];
  }
}

interface ClientOptions {
  retryOptions: { maxTries: 1 };
  additionalPolicies: { policy: PipelinePolicy; position: 'perRetry' }[];
}

/**
 * These SDKs take an HttpClient of an older kind only, which is not given the request that the answer has to name. A last policy sends in
 * its place.
 */
export const toClientOptions = ({ httpClient }: SdkOptions): ClientOptions => ({
  retryOptions: { maxTries: 1 },
  additionalPolicies: [
    { policy: { name: 'send', sendRequest: (request) => httpClient.sendRequest(request) }, position: 'perRetry' },
  ],
});
