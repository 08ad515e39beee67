import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { RequestError, UpstreamError } from '../../shared/errors.ts';
import type { CallRequest } from '../../shared/inbound/call-request.ts';
import type { SigningSecret } from '../../shared/tokens/signing-secret.ts';

/**
 * Checks who has sent a message: https://github.com/standard-webhooks/standard-webhooks. A secret that was rotated is read anew.
 * @returns the message's id, which stays the same when it is sent again.
 * @throws {RequestError} 401 when it is not signed with our secret, or not within the last five minutes.
 * @throws {UpstreamError} of `managedIdentity` or `keyVault` when the secret cannot be read.
 */
export async function verifyMessage(
  secret: SigningSecret,
  text: string,
  headers: CallRequest['headers'],
): Promise<string> {
  const id = headers.get('webhook-id') ?? '';
  const signed = {
    'webhook-id': id,
    'webhook-timestamp': headers.get('webhook-timestamp') ?? '',
    'webhook-signature': headers.get('webhook-signature') ?? '',
  };
  if (isSignedWith(await secret.get(), text, signed)) return id;
  const newer = await secret.getAnew();
  if (newer !== undefined && isSignedWith(newer, text, signed)) return id;
  throw notSigned();
}

function isSignedWith(secret: string, text: string, headers: Record<string, string>): boolean {
  const webhook = openWebhook(secret);
  try {
    webhook.verify(text, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

function openWebhook(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    // Without its cause: the library's sentence may quote the secret.
    throw new UpstreamError('The webhook secret in Key Vault is no secret of Standard Webhooks.', {
      service: 'keyVault',
      failure: 'malformed',
      nextStep: 'Store whsec_ and the base64 of 24 to 64 random bytes under the name that WEBHOOK_SECRET_NAME gives.',
    });
  }
}

function notSigned(): RequestError {
  const detail = 'The message is not signed with the secret, or was not within the last five minutes.';
  return new RequestError(401, 'InvalidSignature', detail, {
    nextStep:
      'Sign each try anew per Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature, over the body as it is sent.',
  });
}
