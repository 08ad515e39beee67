import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { type ConnectionFailure, toConnectionFailure } from './connection-failure.ts';
import { TimeoutError, withTimeout } from './timeout.ts';

/** The outcome of the last request of a library. */
export type Outcome =
  | { kind: 'none' }
  | { kind: 'answered'; status: number; header: (name: string) => string | undefined; bodyText: string }
  | ({ kind: 'connection' } & ConnectionFailure)
  | { kind: 'timeout' };

export interface WatchedHttpClient extends HttpClient {
  lastOutcome(): Outcome;
}

/**
 * An HttpClient to pass to a library: limits the time of all its requests together, and records the outcome of the last one. Errors of
 * libraries lack the codes that the app acts on.
 */
export function watchHttpClient(httpClient: HttpClient, clock: Clock, budgetMs: number): WatchedHttpClient {
  let outcome: Outcome = { kind: 'none' };
  let remainingMs = budgetMs;

  async function sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const startedAt = clock.now();
    const { abortSignal: callerSignal } = request;
    try {
      const response = await withTimeout(clock, remainingMs, (signal) => {
        request.abortSignal = callerSignal === undefined ? signal : combine(callerSignal, signal);
        return httpClient.sendRequest(request);
      });
      outcome = {
        kind: 'answered',
        status: response.status,
        header: (name) => response.headers.get(name),
        bodyText: response.bodyAsText ?? '',
      };
      return response;
    } catch (error) {
      outcome =
        error instanceof TimeoutError ? { kind: 'timeout' } : { kind: 'connection', ...toConnectionFailure(error) };
      throw error;
    } finally {
      if (callerSignal === undefined) delete request.abortSignal;
      else request.abortSignal = callerSignal;
      remainingMs -= clock.now() - startedAt;
    }
  }

  return { sendRequest, lastOutcome: () => outcome };
}

/** Azure Core's signal is an interface of its own, which `AbortSignal.any` does not take. */
function combine(callerSignal: NonNullable<PipelineRequest['abortSignal']>, signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const each of [callerSignal, signal]) {
    if (each.aborted) abort();
    each.addEventListener('abort', abort);
  }
  return controller.signal;
}
