import { randomUUID } from 'node:crypto';
import type { Permission, Refused } from './access.ts';
import { missingPermission } from './defender-error.ts';
import { type CloudAnswer, type CloudRequest, json } from './exchange.ts';
import type { SandboxState } from './state.ts';

/** Graph's error envelope. */
export function graphError(
  status: number,
  code: string,
  message: string,
  request: CloudRequest,
  { now }: Pick<SandboxState, 'now'>,
): CloudAnswer {
  const headers = correlation(request);
  const innerError = {
    ...(status === 429 && { code: '429' }),
    date: new Date(now()).toISOString().slice(0, 19),
    ...headers,
  };
  return json(status, { error: { code, message, innerError } }, headers);
}

export function graphRefusal(
  { reason, present }: Refused,
  permission: Permission | undefined,
  request: CloudRequest,
  state: SandboxState,
): CloudAnswer {
  const forbidden = (message: string) => graphError(403, 'Forbidden', message, request, state);
  switch (reason) {
    case 'missingRole': {
      const needed = permission?.roles.join(', ');
      const has = present.length > 0 ? present.join(', ') : '(none)';
      return forbidden(`Missing application roles. API required roles: ${needed}, application roles: ${has}.`);
    }
    case 'missingScope':
      return forbidden(missingPermission('delegated', permission?.scopes));
    case 'noPortalRights':
      return forbidden('Auth token does not contain valid permissions or user does not have valid roles.');
  }
  const sentences = {
    noToken: 'Access token is empty.',
    badToken: 'Access token validation failure.',
    expired: 'Lifetime validation failed, the token is expired.',
    wrongAudience: 'Access token validation failure. Invalid audience.',
  };
  return graphError(401, 'InvalidAuthenticationToken', sentences[reason], request, state);
}

/** The headers by which a request is found again. */
export function correlation({ headers }: CloudRequest) {
  const requestId = randomUUID();
  return { 'request-id': requestId, 'client-request-id': headers['client-request-id'] ?? requestId };
}
