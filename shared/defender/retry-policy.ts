import type { Clock } from '../clock.ts';
import type { Api } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Observe } from '../outbound/observation.ts';
import { backOffMs } from '../outbound/retry.ts';
import { parseQuotaWindowMs, serviceOf } from './api-error.ts';
import type { Call } from './call.ts';

interface PauseOptions {
  call: Call;
  tenantId: string;
  deadlineAt: number;
  clock: Clock;
  random: () => number;
  observe: Observe;
}

const maxRetries = 3;
/** How long a caller is kept waiting for a throttled service to recover. */
const throttlingBudgetMs = 10_000;
/** What a caller is told when the service does not say when to come back. */
const defaultRetryAfterMs = 30_000;

const notConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Whether no request can have left: not even an unsafe call can have happened then. */
export const isUnsent = ({ failure, upstream: { code } }: UpstreamError): boolean =>
  failure === 'connection' && notConnected.has(code ?? '');

/** Decides for one call which failures are worth another try, and after which pause. */
export function createPausePolicy({ call, tenantId, deadlineAt, clock, random, observe }: PauseOptions) {
  const service = serviceOf(call.permission.api);
  let throttlingLeftMs = throttlingBudgetMs;

  return (error: unknown, retry: number): number | undefined => {
    if (!(error instanceof UpstreamError) || error.upstream.service !== service || retry >= maxRetries)
      return undefined;
    if (call.noRetry) return undefined;

    const isThrottled = error.upstream.status === 429;
    if (!isThrottled && !isWorthRetrying(error, call.isIdempotent)) return undefined;

    const pause = error.retryAfterMs ?? backOffMs(isThrottled ? retry + 1 : retry, random);
    if (clock.now() + pause >= deadlineAt) return undefined;
    if (isThrottled) {
      if (pause > throttlingLeftMs) return undefined;
      throttlingLeftMs -= pause;
      observe({ name: 'ThrottlingWait', service, tenantId, waitMs: pause });
    }
    return pause;
  };
}

function isWorthRetrying(error: UpstreamError, isIdempotent: boolean): boolean {
  const { failure, upstream } = error;
  const { status = 0 } = upstream;
  if (failure === 'connection') return isIdempotent || isUnsent(error);
  return isIdempotent && failure === 'refused' && (status === 408 || status >= 500);
}

/** A throttled service, once waiting did not help, is something that the caller can act on. */
export function toThrottled(error: unknown, api: Api): unknown {
  if (!(error instanceof UpstreamError) || error.upstream.service !== serviceOf(api) || error.upstream.status !== 429)
    return error;
  const retryAfterMs = error.retryAfterMs ?? parseQuotaWindowMs(error.message) ?? defaultRetryAfterMs;
  return new RequestError(429, 'Throttled', `The service is throttling this tenant: ${error.message}`, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
    upstream: error.upstream,
    cause: error,
  });
}
