import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../clock.ts';
import { withTimeout } from '../outbound/timeout.ts';
import { findCallbackMistake } from './callback-url.ts';
import type { DeliveryFailure } from './delivery.ts';
import type { Subscription } from './subscription.ts';

/** The outcome of one attempt. `gone`: the receiver ends the subscription. */
type Attempt = { kind: 'delivered' | 'gone' } | { kind: 'failed'; failure: DeliveryFailure };

/** Sends a message to a subscriber once. Failures of the receiver are outcomes, not errors. */
export type Deliver = (subscription: Subscription, webhookId: string, text: string) => Promise<Attempt>;

const maxAttemptMs = 15_000;
const anyStatus = new Set([Number.POSITIVE_INFINITY]);

/** Signs each attempt as Standard Webhooks demands: https://github.com/standard-webhooks/standard-webhooks */
export function createDeliver(httpClient: HttpClient, clock: Clock, callbackHosts: readonly string[]): Deliver {
  async function post(subscription: Subscription, webhookId: string, text: string): Promise<number> {
    const now = clock.now();
    const signature = new Webhook(subscription.signingSecret).sign(webhookId, new Date(now), text);
    const response = await withTimeout(clock, maxAttemptMs, (abortSignal) =>
      httpClient.sendRequest(
        createPipelineRequest({
          url: subscription.callbackUrl,
          method: 'POST',
          headers: createHttpHeaders({
            'content-type': 'application/json; charset=utf-8',
            'user-agent': 'defender-functions',
            'webhook-id': webhookId,
            'webhook-timestamp': String(Math.floor(now / 1000)),
            'webhook-signature': signature,
          }),
          body: text,
          abortSignal,
          streamResponseStatusCodes: anyStatus,
        }),
      ),
    );
    discard(response);
    return response.status;
  }

  return async (subscription, webhookId, text) => {
    const failed = (detail: string, status?: number): Attempt => ({
      kind: 'failed',
      failure: { at: clock.now(), ...(status !== undefined && { status }), detail },
    });
    const mistake = findCallbackMistake(subscription.callbackUrl, callbackHosts);
    if (mistake !== undefined) return failed(`The callbackUrl ${mistake}.`);
    try {
      const status = await post(subscription, webhookId, text);
      if (status >= 200 && status < 300) return { kind: 'delivered' };
      return status === 410 ? { kind: 'gone' } : failed(`The receiver answered ${status}.`, status);
    } catch (error) {
      return failed(explain(error));
    }
  };
}

/** The library's message may contain the URL. */
function explain(error: unknown): string {
  const { name, code } = readCause(error);
  if (name === 'TimeLimitError') return 'The receiver did not answer within 15 seconds.';
  if (code === 'EPRIVATEADDRESS') return 'The host of the callbackUrl resolves to an address that is not public.';
  return `The receiver could not be reached${code === undefined ? '' : ` (${code})`}.`;
}

function readCause(error: unknown): { name: string; code: string | undefined } {
  if (!(error instanceof Error)) return { name: '', code: undefined };
  const { cause } = error;
  const codes = [cause, error].map((each) => (each instanceof Error && 'code' in each ? String(each.code) : undefined));
  return { name: error.name, code: codes.find((code) => code !== undefined && code !== 'REQUEST_SEND_ERROR') };
}

/** Reads a short response body, so that the connection can be reused. */
function discard({ headers, readableStreamBody }: PipelineResponse): void {
  const stream = readableStreamBody;
  if (stream === undefined) return;
  stream.on('error', () => {});
  const isShort = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY) <= maxRead;
  if (isShort) stream.resume();
  else if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
}

const maxRead = 65_536;
