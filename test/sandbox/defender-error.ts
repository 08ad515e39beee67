import { randomBytes, randomUUID } from 'node:crypto';
import type { Permission, Refused } from './access.ts';
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

export function defenderRefusal({ reason }: Refused, permission: Permission | undefined): CloudAnswer {
  switch (reason) {
    case 'missingRole':
      return forbidden(missingPermission('application', permission?.roles));
    case 'missingScope':
      return forbidden(missingPermission('delegated', permission?.scopes));
    case 'noPortalRights':
      return forbidden('The user does not have the required role in the Microsoft Defender portal.');
  }
  const sentences = {
    noToken: 'No access token was provided.',
    badToken: 'The access token is not valid.',
    expired: 'The access token has expired.',
    wrongAudience: 'The audience of the access token is not valid.',
  };
  return defenderError(401, 'Unauthorized', sentences[reason]);
}

/** Graph, too, says it in these words of scopes. */
export function missingPermission(kind: 'application' | 'delegated', anyOf: readonly string[] = []): string {
  return `The application does not have any of the required ${kind} permissions (${anyOf.join(', ')}) to access the resource.`;
}

export function quotaMessage({ calls, per }: Pick<QuotaExceeded, 'calls' | 'per'>): string {
  return `API calls quota exceeded! maximum allowed ${calls} per ${per}`;
}

function forbidden(message: string): CloudAnswer {
  return defenderError(403, 'Forbidden', message);
}

function trackingId(): string {
  const hex = randomBytes(12).toString('hex');
  return `|${hex.slice(0, 8)}-${hex.slice(8)}.`;
}
