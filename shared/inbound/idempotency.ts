import { createHash } from 'node:crypto';
import { RequestError, UpstreamError } from '../errors.ts';
import type { Attempt } from '../idempotency/idempotency-store.ts';
import type { RequestContext } from './app.ts';
import type { Reply } from './reply.ts';
import { isUncertain, replay, toStoredRefusal, toStoredResponse } from './stored-response.ts';

type Perform = () => Promise<Reply>;

const retryAfterSeconds = 5;

/**
 * Runs a call once within a day, however often it is made with its key: later calls get the stored response.
 * @throws {RequestError} 409 while another call runs, 422 if the key was used for another request; what `perform` throws, or threw.
 */
export async function performOnce(context: RequestContext, key: string, perform: Perform): Promise<Reply> {
  const store = await context.app.openServices().openIdempotencyStore();
  const entry = await store.begin(toWrite(context, key));
  if (entry.kind === 'started') return await performStarted(entry, context, perform);

  switch (entry.kind) {
    case 'completed':
      return replay(entry.storedResponse, context.baseUrl);
    case 'inProgress':
      throw new RequestError(409, 'OperationInProgress', 'A call with this Idempotency-Key is running.', {
        headers: { 'retry-after': String(retryAfterSeconds) },
      });
    case 'mismatch':
      throw new RequestError(422, 'IdempotencyKeyReused', 'The Idempotency-Key was used for another request.', {
        nextStep: 'Use a new key for each change, and repeat a key only with the same request.',
      });
  }
}

async function performStarted(attempt: Attempt, context: RequestContext, perform: Perform): Promise<Reply> {
  context.previousAttemptAt = attempt.previousAttemptAt;
  try {
    const reply = await perform();
    await record(() => attempt.complete(toStoredResponse(reply, context.baseUrl)), context);
    return reply;
  } catch (error) {
    const refusal = toStoredRefusal(error);
    if (refusal !== undefined) await record(() => attempt.complete(refusal), context);
    else await record(isUncertain(error) ? attempt.markUncertain : attempt.release, context);
    throw error;
  }
}

/** The change itself is not undone if this fails: its attempt then counts as running, later as uncertain. */
async function record(store: () => Promise<void>, { log }: RequestContext): Promise<void> {
  try {
    await store();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { service, code = error.failure } = error.upstream;
    log.warn(`Failed to store the response for an Idempotency-Key: ${service} ${code}`);
  }
}

/** In another tenant, from another principal, or in a signed command, the same text is another key. */
function toWrite({ operation, channel, caller, input }: RequestContext, key: string) {
  const principal = caller?.principal;
  const userId = principal?.kind === 'user' ? principal.objectId : '';
  return {
    id: digest([channel, principal?.tenantId ?? '', principal?.kind ?? 'application', userId, key]),
    request: digest([operation, input.path, input.query, input.body]),
  };
}

const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
