import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { backOffMs, withRetries } from '../outbound/retry.ts';
import { watchHttpClient } from '../outbound/watched-http-client.ts';
import type { StepService, VaultSecretName } from './step-error.ts';

/** Options of an SDK client for one step, which give the step control over timeouts and retries. */
export interface SdkOptions {
  httpClient: HttpClient;
  retryOptions: { maxRetries: 0 };
}

/**
 * Runs one step of token acquisition through an SDK: at most 10 s, with two retries of transient failures. Every failure is a
 * `StepError`, which names the secret of Key Vault if one is given.
 */
export type RunStep = <T>(
  service: StepService,
  action: (options: SdkOptions) => Promise<T>,
  secret?: VaultSecretName,
) => Promise<T>;

interface StepPlatform {
  httpClient: HttpClient;
  clock: Clock;
  random: () => number;
}

const totalTimeoutMs = 10_000;
const maxRetries = 2;

export function createStepRunner({ httpClient, clock, random }: StepPlatform): RunStep {
  return async (service, action, secret) => {
    const deadlineAt = clock.now() + totalTimeoutMs;

    const pauseMs = (error: unknown, retry: number) => {
      if (!isTransient(error, service) || retry >= maxRetries) return undefined;
      const pause = error.retryAfterMs ?? backOffMs(retry, random);
      return clock.now() + pause < deadlineAt ? pause : undefined;
    };

    return await withRetries({ clock, pauseMs }, async () => {
      const watched = watchHttpClient(httpClient, clock, deadlineAt - clock.now());
      try {
        return await action({ httpClient: watched, retryOptions: { maxRetries: 0 } });
      } catch (error) {
        if (error instanceof UpstreamError || error instanceof RequestError) throw error;
        const { toStepError } = await import('./step-error.ts');
        throw toStepError({ service, outcome: watched.lastOutcome(), now: clock.now(), secret });
      }
    });
  };
}

/** A failed earlier step has had its own retries. */
function isTransient(error: unknown, service: StepService): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.upstream.service !== service) return false;
  const { failure, upstream, retryAfterMs } = error;
  const { status = 0 } = upstream;
  if (failure === 'connection' || retryAfterMs !== undefined) return true;
  return failure === 'refused' && (status === 408 || status === 429 || status >= 500);
}
