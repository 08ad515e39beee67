import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../clock.ts';
import { toConnectionFailure } from '../outbound/connection-failure.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';
import { TimeoutError, withTimeout } from '../outbound/timeout.ts';
import { findCallbackMistake } from './callback-url.ts';
import type { DeliveryFailure } from './delivery.ts';

/** Where a subscriber receives its deliveries, and the key that signs them. */
export interface DeliveryTarget {
  callbackUrl: string;
  /** `whsec_` and base64, as in Standard Webhooks. */
  signingSecret: string;
}

/**
 * The outcome of one attempt. `gone`: the receiver ends the subscription. `pausedForMs`: it asks for a pause of all deliveries. `isFinal`:
 * another attempt cannot succeed.
 */
export type Attempt =
  | { kind: 'delivered' | 'gone' }
  | {
      kind: 'failed';
      failure: DeliveryFailure;
      retryAfterMs?: number | undefined;
      pausedForMs?: number | undefined;
      isFinal?: boolean;
    };

/** Sends a message to a subscriber once. Failures of the receiver are outcomes, not errors. */
export type Deliver = (target: DeliveryTarget, webhookId: string, text: string) => Promise<Attempt>;

export const maxAttemptMs = 15_000;
const anyStatus = new Set([Number.POSITIVE_INFINITY]);

/** Signs each attempt as Standard Webhooks demands: https://github.com/standard-webhooks/standard-webhooks */
export function createDeliver(httpClient: HttpClient, clock: Clock, callbackHosts: readonly string[]): Deliver {
  async function post(target: DeliveryTarget, webhookId: string, text: string): Promise<PipelineResponse> {
    const now = clock.now();
    const headers = createHttpHeaders({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'defender-functions',
      'webhook-id': webhookId,
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': new Webhook(target.signingSecret).sign(webhookId, new Date(now), text),
    });
    const response = await withTimeout(clock, maxAttemptMs, (abortSignal) =>
      httpClient.sendRequest(
        createPipelineRequest({
          url: target.callbackUrl,
          method: 'POST',
          headers,
          body: text,
          abortSignal,
          streamResponseStatusCodes: anyStatus,
        }),
      ),
    );
    discardBody(clock, response.readableStreamBody);
    return response;
  }

  return async (target, webhookId, text) => {
    const mistake = findCallbackMistake(target.callbackUrl, callbackHosts);
    if (mistake !== undefined) return toFailed(clock, `The callbackUrl ${mistake}.`);
    try {
      return toAttempt(clock, await post(target, webhookId, text));
    } catch (error) {
      return toFailed(clock, explain(error));
    }
  };
}

function toAttempt(clock: Clock, { status, headers }: PipelineResponse): Attempt {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone' };
  const retryAfterMs = parseRetryAfterMs(headers.get('retry-after'), clock.now());
  const pausedForMs = status === 429 || status === 503 ? retryAfterMs : undefined;
  return { ...toFailed(clock, `The receiver answered ${status}.`, status), retryAfterMs, pausedForMs };
}

const toFailed = (clock: Clock, detail: string, status?: number) => ({
  kind: 'failed' as const,
  failure: { at: clock.now(), ...(status !== undefined && { status }), detail },
});

/** The library's message may contain the URL. */
function explain(error: unknown): string {
  if (error instanceof TimeoutError) return 'The receiver did not answer within 15 seconds.';
  const { code } = toConnectionFailure(error);
  if (code === 'EPRIVATEADDRESS') return 'The host of the callbackUrl resolves to an address that is not public.';
  return `The receiver could not be reached (${code}).`;
}

const maxBodyBytes = 65_536;
const maxBodyMs = 5_000;

/** Reads a short response body, so that the connection can be reused. A long or slow one closes the connection. */
function discardBody(clock: Clock, stream: NodeJS.ReadableStream | undefined): void {
  if (stream === undefined) return;
  let bytes = 0;
  const close = () => {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  };
  const cancelTimer = clock.startTimer(close, maxBodyMs);
  stream.on('error', cancelTimer);
  stream.on('close', cancelTimer);
  stream.on('end', cancelTimer);
  stream.on('data', (chunk: Uint8Array | string) => {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) close();
  });
}
