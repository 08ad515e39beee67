import { randomBytes, randomUUID } from 'node:crypto';
import type { Access } from './access.ts';
import { type CloudAnswer, json } from './exchange.ts';
import type { QuotaExceeded } from './rate-limiter.ts';

/** The error envelope of Defender XDR and Defender for Endpoint. */
export function defenderError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): CloudAnswer {
  const target = status === 429 ? randomUUID() : trackingId();
  return json(status, { error: { code, message, target } }, headers);
}

export function defenderRefusal(access: Access & { granted: false }, anyRole: readonly string[]): CloudAnswer {
  if (access.reason === 'missingRole') {
    const needed = anyRole.join(', ');
    return defenderError(
      403,
      'Forbidden',
      `The application does not have any of the required application permissions (${needed}) to access the resource.`,
    );
  }
  const sentences = {
    noToken: 'No access token was provided.',
    badToken: 'The access token is not valid.',
    expired: 'The access token has expired.',
    wrongAudience: 'The audience of the access token is not valid.',
  };
  return defenderError(401, 'Unauthorized', sentences[access.reason]);
}

export function quotaMessage({ calls, per }: Pick<QuotaExceeded, 'calls' | 'per'>): string {
  return `API calls quota exceeded! maximum allowed ${calls} per ${per}`;
}

function trackingId(): string {
  const hex = randomBytes(12).toString('hex');
  return `|${hex.slice(0, 8)}-${hex.slice(8)}.`;
}
