import type { Clock } from '../clock.ts';
import type { Api } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Observe } from '../outbound/observation.ts';
import { backOffMs } from '../outbound/retry.ts';
import { parseQuotaWindowMs, serviceOf } from './api-error.ts';
import type { Call } from './call.ts';

interface RetryPolicyOptions {
  call: Call;
  tenantId: string;
  deadlineAt: number;
  clock: Clock;
  random: () => number;
  observe: Observe;
}

const maxRetries = 3;
/** The longest that a caller waits for throttling to end, over all attempts. */
const maxThrottlingWaitMs = 10_000;
/** `Retry-After` of a 429 whose cause names no time. */
const defaultRetryAfterMs = 30_000;
const maxRetryAfterMs = 60 * 60_000;

/** Returns the pause in milliseconds before the next attempt of a call, or `undefined` when a failure is final. */
export function createRetryPolicy({ call, tenantId, deadlineAt, clock, random, observe }: RetryPolicyOptions) {
  const service = serviceOf(call.permission.api);
  let throttlingLeftMs = maxThrottlingWaitMs;

  return (error: unknown, retry: number): number | undefined => {
    if (!(error instanceof UpstreamError) || error.upstream.service !== service) return undefined;
    if (call.noRetry || retry >= maxRetries) return undefined;

    const isThrottled = error.upstream.status === 429;
    if (!isThrottled && !isRetryable(error, call.isIdempotent)) return undefined;

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

function isRetryable(error: UpstreamError, isIdempotent: boolean): boolean {
  const { failure, upstream } = error;
  const { status = 0 } = upstream;
  if (failure === 'connection') return isIdempotent || error.isUnsent;
  return isIdempotent && failure === 'refused' && (status === 408 || status >= 500);
}

/** Turns an API's lasting 429 into the caller's 429. */
export function toThrottled(error: unknown, api: Api): unknown {
  if (!(error instanceof UpstreamError) || error.upstream.service !== serviceOf(api) || error.upstream.status !== 429)
    return error;
  const waitMs = error.retryAfterMs ?? parseQuotaWindowMs(error.message) ?? defaultRetryAfterMs;
  const retryAfterMs = Math.min(waitMs, maxRetryAfterMs);
  return new RequestError(429, 'Throttled', `The service throttles this tenant: ${error.message}`, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
    upstream: error.upstream,
    cause: error,
  });
}
