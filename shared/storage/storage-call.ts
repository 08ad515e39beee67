import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import { backOffMs, withRetries } from '../outbound/retry.ts';
import { withTimeout } from '../outbound/timeout.ts';
import { toStorageError } from './storage-error.ts';

export interface StoragePlatform {
  httpClient: HttpClient;
  clock: Clock;
  random: () => number;
}

/** For each method of an SDK client. */
export interface CallOptions {
  abortSignal: AbortSignal;
}

const totalTimeoutMs = 10_000;
const maxRetries = 2;

/**
 * Calls Azure Storage through an SDK client: at most 10 s, with two retries of transient failures.
 * @throws {UpstreamError} of `storage`, or what acquiring the managed identity's token throws.
 */
export async function callStorage<T>(
  { clock, random }: StoragePlatform,
  action: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const deadlineAt = clock.now() + totalTimeoutMs;

  const pauseMs = (error: unknown, retry: number) => {
    if (!isTransient(error) || retry >= maxRetries) return undefined;
    const pause = error.retryAfterMs ?? backOffMs(retry, random);
    return clock.now() + pause < deadlineAt ? pause : undefined;
  };

  return await withRetries({ clock, pauseMs }, async () => {
    try {
      return await withTimeout(clock, deadlineAt - clock.now(), (abortSignal) => action({ abortSignal }));
    } catch (error) {
      throw toStorageError(error, clock.now());
    }
  });
}

function isTransient(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'storage') return false;
  const { failure, upstream, retryAfterMs } = error;
  const { status = 0 } = upstream;
  if (failure === 'connection' || retryAfterMs !== undefined) return true;
  return failure === 'refused' && (status === 408 || status === 429 || status >= 500);
}

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
