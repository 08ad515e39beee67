import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { backOffMs, withRetries } from '../outbound/retry.ts';
import { watchHttpClient } from '../outbound/watched-http-client.ts';
import { type StepService, toStepError } from './step-error.ts';

/** What an SDK client must be made with, so that one step of getting a token is bounded and understood. */
export interface StepOptions {
  httpClient: HttpClient;
  retryOptions: { maxRetries: 0 };
}

/** Runs one step of getting a token through an SDK: at most ten seconds, and whatever goes wrong is a `StepError`. */
export type RunStep = <T>(service: StepService, action: (options: StepOptions) => Promise<T>) => Promise<T>;

interface StepWorld {
  httpClient: HttpClient;
  clock: Clock;
  random: () => number;
}

const budgetMs = 10_000;
const mostRetries = 2;

export function createStepRunner({ httpClient, clock, random }: StepWorld): RunStep {
  return async (service, action) => {
    const deadlineAt = clock.now() + budgetMs;

    const pauseMs = (error: unknown, retry: number) => {
      if (!(error instanceof UpstreamError) || error.upstream.service !== service || !isTransient(error))
        return undefined;
      const pause = error.retryAfterMs ?? backOffMs(retry, random);
      return retry < mostRetries && clock.now() + pause < deadlineAt ? pause : undefined;
    };

    return await withRetries({ clock, pauseMs }, async () => {
      const watched = watchHttpClient(httpClient, clock, deadlineAt - clock.now());
      try {
        return await action({ httpClient: watched, retryOptions: { maxRetries: 0 } });
      } catch (error) {
        if (error instanceof UpstreamError || error instanceof RequestError) throw error;
        throw toStepError(service, watched.lastOutcome(), clock.now());
      }
    });
  };
}

function isTransient({ failure, upstream: { status = 0 }, retryAfterMs }: UpstreamError): boolean {
  if (failure === 'connection' || retryAfterMs !== undefined) return true;
  return failure === 'refused' && (status === 408 || status === 429 || status >= 500);
}
