import { Webhook } from 'standardwebhooks';
import type { Call } from './call.ts';

/** A secret of Standard Webhooks. */
export const newSecret = () => `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;

interface Signing {
  readonly by: string;
  readonly id?: string;
  readonly secondsAgo?: number;
  /** The body that is sent, if it differs from the signed one. */
  readonly sent?: string;
}

/** Sends a message without a function key, as a system that holds the secret. */
export function sendSigned(
  call: Call,
  message: unknown,
  { by, id = crypto.randomUUID(), secondsAgo = 0, sent }: Signing,
) {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  const at = new Date(Date.now() - secondsAgo * 1000);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(by).sign(id, at, body),
  };
  return call('POST /webhooks/commands', { headers, body: sent ?? body, withKey: false });
}
