import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { RequestError, UpstreamError, type UpstreamService } from '../errors.ts';
import { backOffMs, withRetries } from './retry.ts';
import { type Outcome, watchHttpClient } from './watched-http-client.ts';

/** Options of an SDK client for one call, which give `callThroughSdk` control over timeouts and retries. */
export interface SdkOptions {
  httpClient: HttpClient;
  retryOptions: { maxRetries: 0 };
}

export interface SdkPlatform {
  httpClient: HttpClient;
  clock: Clock;
  random: () => number;
}

const totalTimeoutMs = 10_000;
const maxRetries = 2;

/**
 * Calls a service through its SDK: at most 10 s, with two retries of transient failures.
 * @throws what `toError` makes of the last request.
 */
export async function callThroughSdk<T>(
  { httpClient, clock, random }: SdkPlatform,
  service: UpstreamService,
  toError: (outcome: Outcome, now: number) => Error | Promise<Error>,
  action: (options: SdkOptions) => Promise<T>,
): Promise<T> {
  const deadlineAt = clock.now() + totalTimeoutMs;

  const pauseMs = (error: unknown, retry: number) => {
    if (!(error instanceof UpstreamError) || error.upstream.service !== service || !isTransient(error))
      return undefined;
    const pause = error.retryAfterMs ?? backOffMs(retry, random);
    return retry < maxRetries && clock.now() + pause < deadlineAt ? pause : undefined;
  };

  return await withRetries({ clock, pauseMs }, async () => {
    const watched = watchHttpClient(httpClient, clock, deadlineAt - clock.now());
    try {
      return await action({ httpClient: watched, retryOptions: { maxRetries: 0 } });
    } catch (error) {
      if (error instanceof UpstreamError || error instanceof RequestError) throw error;
      throw await toError(watched.lastOutcome(), clock.now());
    }
  });
}

function isTransient({ failure, upstream: { status = 0 }, retryAfterMs }: UpstreamError): boolean {
  if (failure === 'connection' || retryAfterMs !== undefined) return true;
  return failure === 'refused' && (status === 408 || status === 429 || status >= 500);
}
