import type { PipelineResponse } from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import type { Api } from '../clouds.ts';
import { UpstreamError, type UpstreamService } from '../errors.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';

export const serviceOf = (api: Api): UpstreamService => (api === 'graph' ? 'graph' : 'defender');

const innerError = z.catch(z.optional(z.looseObject({ 'request-id': z.optional(z.string()) })), undefined);
const errorBody = z.object({
  error: z.object({
    code: z.catch(z.string(), ''),
    message: z.catch(z.string(), ''),
    target: z.catch(z.optional(z.string()), undefined),
    innerError,
    innererror: innerError,
  }),
});

const maxMessageLength = 2_000;

/** A response other than 2xx as an error, whose message is the service's own. */
export function toApiError(api: Api, response: PipelineResponse, now: number): UpstreamError {
  const error = parseErrorBody(response.bodyAsText ?? '');
  const message = error?.message || `${api === 'graph' ? 'Microsoft Graph' : 'Defender'} returned ${response.status}.`;
  return new UpstreamError(message.slice(0, maxMessageLength), {
    service: serviceOf(api),
    failure: 'refused',
    status: response.status,
    code: error?.code || undefined,
    requestId:
      readRequestId(response) ??
      error?.innerError?.['request-id'] ??
      error?.innererror?.['request-id'] ??
      error?.target,
    retryAfterMs: parseRetryAfterMs(response.headers.get('retry-after'), now),
  });
}

function readRequestId({ headers }: PipelineResponse): string | undefined {
  return headers.get('request-id') ?? headers.get('x-ms-request-id');
}

/** Window of an exhausted quota in milliseconds, which Defender states only in its message: `maximum allowed 45 per 00:01:00`. */
export function parseQuotaWindowMs(message: string): number | undefined {
  const window = /\bper (\d{2}):(\d{2}):(\d{2})\b/.exec(message);
  if (window === null) return undefined;
  const [, hours, minutes, seconds] = window.map(Number);
  return ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
}

function parseErrorBody(text: string) {
  try {
    return errorBody.safeParse(JSON.parse(text)).data?.error;
  } catch {
    return undefined;
  }
}
