import { createHmac, timingSafeEqual } from 'node:crypto';
import { RequestError, UpstreamError } from '../../shared/errors.ts';
import type { SigningSecret } from '../../shared/tokens/signing-secret.ts';

interface SignedMessage {
  id: string;
  timestamp: string;
  /** Space-separated: a sender that rotates its secret signs with both. */
  signatures: string;
  body: Buffer;
}

const maxClockSkewMs = 5 * 60_000;

/**
 * Verifies the signature of a message (https://github.com/standard-webhooks/standard-webhooks). A secret that has been rotated is read
 * again.
 * @param secret undefined if the app accepts no commands.
 * @throws {RequestError} 404 without a secret, 401 if the signature or its timestamp is invalid.
 * @throws {UpstreamError} of `managedIdentity` or `keyVault` if the secret cannot be read.
 */
export async function verifyCommand(
  body: Buffer,
  headers: { get(name: string): string | null },
  { secret, now }: { secret: SigningSecret | undefined; now: number },
): Promise<void> {
  if (secret === undefined) throw notConfigured();
  const message = {
    id: headers.get('webhook-id') ?? '',
    timestamp: headers.get('webhook-timestamp') ?? '',
    signatures: headers.get('webhook-signature') ?? '',
    body,
  };
  if (!isComplete(message, now)) throw invalidSignature();
  if (isSignedWith(await secret.get(), message)) return;
  const newer = await secret.getAnew();
  if (newer === undefined || !isSignedWith(newer, message)) throw invalidSignature();
}

function isComplete({ id, timestamp, signatures }: SignedMessage, now: number): boolean {
  if (id === '' || signatures === '' || !/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(now - Number(timestamp) * 1000) <= maxClockSkewMs;
}

function isSignedWith(secret: string, { id, timestamp, signatures, body }: SignedMessage): boolean {
  const expected = createHmac('sha256', parseSecret(secret)).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
  });
}

function parseSecret(secret: string): Buffer {
  const text = secret.replace(/^whsec_/, '');
  const bytes = /^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (bytes.byteLength >= 24 && bytes.byteLength <= 64) return bytes;
  throw new UpstreamError('The webhook secret in Key Vault must be the base64 of 24 to 64 bytes.', {
    service: 'keyVault',
    failure: 'malformed',
    nextStep: 'Store whsec_ and the base64 of 24 to 64 random bytes under the name in WEBHOOK_SECRET_NAME.',
  });
}

function notConfigured(): RequestError {
  return new RequestError(404, 'NotFound', 'The app accepts no signed commands.', {
    nextStep: 'Set WEBHOOK_SECRET_NAME to the name of the Key Vault secret that commands are signed with.',
  });
}

function invalidSignature(): RequestError {
  const detail = 'The message is not signed with the webhook secret, or its timestamp is more than 5 minutes off.';
  return new RequestError(401, 'InvalidSignature', detail, {
    nextStep:
      'Sign each attempt per Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature, over the body as sent.',
  });
}
