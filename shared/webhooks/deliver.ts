import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineRequestOptions,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { toConnectionFailure } from '../outbound/connection-failure.ts';
import { parseRetryAfterMs } from '../outbound/retry-after.ts';
import { TimeoutError, withTimeout } from '../outbound/timeout.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import { findCallbackMistake } from './callback-url.ts';
import type { DeliveryFailure } from './delivery.ts';
import type { DeliveryBody } from './delivery-body.ts';

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

/**
 * Sends a message to a subscriber once. Failures of the receiver are outcomes, not errors.
 * @throws {UpstreamError} of `storage` if a large body cannot be read.
 */
export type Deliver = (target: DeliveryTarget, webhookId: string, body: DeliveryBody) => Promise<Attempt>;

export const maxAttemptMs = 15_000;
const anyStatus = new Set([Number.POSITIVE_INFINITY]);

/** Signs each attempt as Standard Webhooks demands: https://github.com/standard-webhooks/standard-webhooks */
export function createDeliver(httpClient: HttpClient, clock: Clock, callbackHosts: readonly string[]): Deliver {
  async function post(target: DeliveryTarget, webhookId: string, body: DeliveryBody): Promise<PipelineResponse> {
    const at = Math.floor(clock.now() / 1000);
    const { signature, bytes } = await sign(target.signingSecret, `${webhookId}.${at}.`, body);
    const headers = createHttpHeaders({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(bytes),
      'user-agent': 'defender-functions',
      'webhook-id': webhookId,
      'webhook-timestamp': String(at),
      'webhook-signature': signature,
    });
    const response = await withTimeout(clock, maxAttemptMs, (abortSignal) =>
      send(httpClient, body, {
        url: target.callbackUrl,
        method: 'POST',
        headers,
        abortSignal,
        streamResponseStatusCodes: anyStatus,
      }),
    );
    discardBody(clock, response.readableStreamBody);
    return response;
  }

  return async (target, webhookId, body) => {
    const mistake = findCallbackMistake(target.callbackUrl, callbackHosts);
    if (mistake !== undefined) return toFailed(clock, `The callbackUrl ${mistake}.`);
    try {
      return toAttempt(clock, await post(target, webhookId, body));
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      return toFailed(clock, ...explain(error));
    }
  };
}

/** A large body is read twice, so that its bytes are never held together: to sign it, and to send it. */
async function sign(secret: string, head: string, body: DeliveryBody) {
  const hmac = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).update(head);
  let bytes = 0;
  for await (const piece of typeof body === 'string' ? [Buffer.from(body)] : body.read()) {
    hmac.update(piece);
    bytes += piece.length;
  }
  return { signature: `v1,${hmac.digest('base64')}`, bytes };
}

async function send(
  httpClient: HttpClient,
  body: DeliveryBody,
  options: PipelineRequestOptions,
): Promise<PipelineResponse> {
  if (typeof body === 'string') return await httpClient.sendRequest(createPipelineRequest({ ...options, body }));
  const stream = Readable.from(body.read());
  const { promise: broken, reject } = Promise.withResolvers<never>();
  stream.on('error', reject);
  try {
    return await Promise.race([httpClient.sendRequest(createPipelineRequest({ ...options, body: stream })), broken]);
  } finally {
    stream.destroy();
  }
}

function toAttempt(clock: Clock, { status, headers }: PipelineResponse): Attempt {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone' };
  const retryAfterMs = parseRetryAfterMs(headers.get('retry-after'), clock.now());
  const pausedForMs = status === 429 || status === 503 ? retryAfterMs : undefined;
  return { ...toFailed(clock, `The receiver answered ${status}.`, { status }), retryAfterMs, pausedForMs };
}

const toFailed = (clock: Clock, detail: string, code: Pick<DeliveryFailure, 'status' | 'code'> = {}) => ({
  kind: 'failed' as const,
  failure: { at: clock.now(), ...code, detail },
});

/** The library's message may contain the URL. */
function explain(error: unknown): [detail: string, code: { code: string }] {
  if (error instanceof TimeoutError) return ['The receiver did not answer within 15 seconds.', { code: 'timeout' }];
  const { code } = toConnectionFailure(error);
  const detail =
    code === 'EPRIVATEADDRESS'
      ? 'The host of the callbackUrl resolves to an address that is not public.'
      : `The receiver could not be reached (${code}).`;
  return [detail, { code }];
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
