import { RequestError } from '../errors.ts';

/** The reply to a token that cannot be accepted: never treated as a call without one. */
export function invalidToken(reason: string, clientId: string): RequestError {
  return new RequestError(401, 'InvalidUserToken', `The access token is not accepted: ${reason}.`, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    nextStep: `Send a current access token for this app (scope api://${clientId}/.default), not an ID token or a token for another API.`,
  });
}
