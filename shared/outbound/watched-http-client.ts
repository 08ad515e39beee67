import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { TimeoutError, withTimeout } from './timeout.ts';

/** How the last request of a library went, whatever the library then made of it. */
export type Outcome =
  | { kind: 'none' }
  | { kind: 'answered'; status: number; header: (name: string) => string | undefined; bodyText: string }
  | { kind: 'connection'; code: string }
  | { kind: 'timeout' };

export interface WatchedHttpClient extends HttpClient {
  lastOutcome(): Outcome;
}

/**
 * An HttpClient to lend to a library: bounds the time that its requests may take together, and remembers how the last one went.
 * The libraries keep only a sentence of a service's error; the codes that we act on are in the answer itself.
 */
export function watchHttpClient(httpClient: HttpClient, clock: Clock, budgetMs: number): WatchedHttpClient {
  let outcome: Outcome = { kind: 'none' };
  let remainingMs = budgetMs;

  async function sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const startedAt = clock.now();
    try {
      const response = await withTimeout(clock, remainingMs, (signal) => {
        request.abortSignal = signal;
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
        error instanceof TimeoutError ? { kind: 'timeout' } : { kind: 'connection', code: connectionCode(error) };
      throw error;
    } finally {
      remainingMs -= clock.now() - startedAt;
    }
  }

  return { sendRequest, lastOutcome: () => outcome };
}

/** The system's code of a connection that failed, such as ECONNREFUSED. */
export function connectionCode(error: unknown): string {
  for (const candidate of [error, error instanceof Error ? error.cause : undefined]) {
    const code = candidate instanceof Error && 'code' in candidate ? candidate.code : undefined;
    if (typeof code === 'string' && code !== 'REQUEST_SEND_ERROR') return code;
  }
  return 'REQUEST_SEND_ERROR';
}
