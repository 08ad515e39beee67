import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { RequestError, UpstreamError } from '../../shared/errors.ts';
import type { SigningSecret } from '../../shared/tokens/signing-secret.ts';

/**
 * Verifies the signature of a message (https://github.com/standard-webhooks/standard-webhooks). A secret that has been rotated is read
 * again.
 * @param secret undefined if the app accepts no commands.
 * @throws {RequestError} 404 without a secret, 401 if the signature or its timestamp is invalid.
 * @throws {UpstreamError} of `managedIdentity` or `keyVault` if the secret cannot be read.
 */
export async function verifyCommand(
  text: string,
  headers: { get(name: string): string | null },
  secret: SigningSecret | undefined,
): Promise<void> {
  if (secret === undefined) throw notConfigured();
  const signed = {
    'webhook-id': headers.get('webhook-id') ?? '',
    'webhook-timestamp': headers.get('webhook-timestamp') ?? '',
    'webhook-signature': headers.get('webhook-signature') ?? '',
  };
  if (isSignedWith(await secret.get(), text, signed)) return;
  const newer = await secret.getAnew();
  if (newer === undefined || !isSignedWith(newer, text, signed)) throw invalidSignature();
}

function notConfigured(): RequestError {
  return new RequestError(404, 'NotFound', 'The app accepts no signed commands.', {
    nextStep: 'Set WEBHOOK_SECRET_NAME to the name of the Key Vault secret that commands are signed with.',
  });
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
    // No cause: the library's message may quote the secret.
    throw new UpstreamError('The webhook secret in Key Vault is not a Standard Webhooks secret.', {
      service: 'keyVault',
      failure: 'malformed',
      nextStep: 'Store whsec_ and the base64 of 24 to 64 random bytes under the name in WEBHOOK_SECRET_NAME.',
    });
  }
}

function invalidSignature(): RequestError {
  const detail = 'The message is not signed with the webhook secret, or its timestamp is more than 5 minutes off.';
  return new RequestError(401, 'InvalidSignature', detail, {
    nextStep:
      'Sign each attempt per Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature, over the body as sent.',
  });
}
