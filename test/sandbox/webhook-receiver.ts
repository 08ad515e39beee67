import { Webhook } from 'standardwebhooks';
import { json } from './exchange.ts';
import type { Service } from './state.ts';

/** A signed message that a subscriber took, or would take if it knew the secret. */
export interface ReceivedMessage {
  readonly url: string;
  readonly webhookId: string;
  /** Epoch milliseconds, in the receiver's time. */
  readonly at: number;
  readonly body: string;
  /** Throws when it was not signed with this secret for this time. */
  verify(secret: string): unknown;
}

/** Every Logic App that waits for a call: accepts every POST. */
export const webhookReceiver: Service = ({ method, url, headers, body }, { now, received }) => {
  if (method !== 'POST') return json(404, { error: { code: 'NotFound', message: 'Nothing waits here for this.' } });
  const at = now();
  const signed = {
    'webhook-id': headers['webhook-id'] ?? '',
    'webhook-timestamp': headers['webhook-timestamp'] ?? '',
    'webhook-signature': headers['webhook-signature'] ?? '',
  };
  received.push({
    url,
    webhookId: signed['webhook-id'],
    at,
    body,
    verify(secret) {
      const age = Math.abs(at / 1000 - Number(signed['webhook-timestamp']));
      if (!(age < 300)) throw new Error(`The message is ${age} seconds old.`);
      const expected = new Webhook(secret).sign(
        signed['webhook-id'],
        new Date(Number(signed['webhook-timestamp']) * 1000),
        body,
      );
      if (signed['webhook-signature'] !== expected) throw new Error('The message is not signed with this secret.');
      return JSON.parse(body);
    },
  });
  return { status: 202, headers: {}, body: '' };
};
