import { createHash } from 'node:crypto';
import { apis } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Claim } from '../idempotency/attempt.ts';
import type { Services } from '../services.ts';
import type { Principal } from '../tokens/principal.ts';
import { readSubject } from '../tokens/token-claims.ts';
import type { Reply } from './reply.ts';
import type { Input } from './request-input.ts';
import { isUncertain, replay, toStoredRefusal, toStoredResponse } from './stored-response.ts';

/** A call that bears an `Idempotency-Key`. */
export interface KeyedCall {
  key: string;
  operation: string;
  input: Input;
  /** Undefined where the operation acts in no tenant. */
  principal: Principal | undefined;
  /** The address of the app's API, as the caller reaches it. */
  baseUrl: string;
  log: { warn(message: string): void };
}

/** Carries a call out; `uncertainSince` (epoch milliseconds) tells of an earlier try of which nobody knows what came. */
export type Perform = (previousAttemptAt: number | undefined) => Promise<Reply>;

const comeBackAfterSeconds = 5;

/**
 * Carries a call out once, however often it is made under its key within a day: later calls get what came of the first.
 * @throws {RequestError} 409 while another call is at it, 422 when the key stands for another request; what `perform` throws, or threw.
 */
export async function performOnce(services: Services, call: KeyedCall, perform: Perform): Promise<Reply> {
  const writes = await services.openIdempotencyStore();
  const entry = await writes.begin(toWrite(call));
  if (entry.kind === 'claimed') return await performClaimed(entry, call, perform);

  // Nobody has looked at the user's token yet, and what follows is for that user only.
  if (call.principal?.kind === 'user') await verifyUserToken(services, call.principal);
  switch (entry.kind) {
    case 'settled':
      return replay(entry.outcome, call.baseUrl);
    case 'running':
      throw new RequestError(409, 'OperationInProgress', 'A call with this Idempotency-Key is being carried out.', {
        headers: { 'retry-after': String(comeBackAfterSeconds) },
      });
    case 'reused':
      throw new RequestError(422, 'IdempotencyKeyReused', 'The Idempotency-Key was used for another request before.', {
        nextStep: 'Give every change a key of its own, and repeat a key only with the very same request.',
      });
  }
}

async function performClaimed(claim: Claim, call: KeyedCall, perform: Perform): Promise<Reply> {
  try {
    const reply = await perform(claim.previousAttemptAt);
    await record(() => claim.complete(toStoredResponse(reply, call.baseUrl)), call);
    return reply;
  } catch (error) {
    const refusal = toStoredRefusal(error);
    if (refusal !== undefined) await record(() => claim.complete(refusal), call);
    else await record(isUncertain(error) ? claim.markUncertain : claim.release, call);
    throw error;
  }
}

/** What happened has happened, whether or not it can be noted: without a note the call counts as running, then as uncertain. */
async function record(note: () => Promise<void>, { log }: KeyedCall): Promise<void> {
  try {
    await note();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { service, code = error.failure } = error.upstream;
    log.warn(`What came of an Idempotency-Key cannot be noted (${service} ${code}): ${error.message}`);
  }
}

/** A key is its caller's own: in another tenant, or from another user, the same text is another key. */
function toWrite({ key, operation, principal, input }: KeyedCall) {
  const userId = principal?.kind === 'user' ? (readSubject(principal.assertion) ?? principal.assertionHash) : '';
  return {
    id: digest([principal?.tenantId ?? '', principal?.kind ?? 'application', userId, key]),
    request: digest([operation, input.path, input.query, input.body]),
  };
}

const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Entra takes the user's token, for whichever API it may be exchanged. @throws the first refusal when it is for none. */
export async function verifyUserToken({ tokens }: Services, principal: Principal): Promise<void> {
  const refusals: unknown[] = [];
  for (const api of apis) {
    try {
      await tokens.getToken(principal, api);
      return;
    } catch (error) {
      refusals.push(error);
    }
  }
  throw refusals[0];
}
