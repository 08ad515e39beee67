import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { ConfigError, RequestError, UpstreamError, type UpstreamService } from '../errors.ts';
import type { Attempt } from '../idempotency/idempotency-store.ts';
import type { Reply } from './reply.ts';
import type { RequestContext } from './request-context.ts';

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
  context.entityId = attempt.entityId;
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

/** In another tenant, from another caller, or in a signed command, the same text is another key. */
function toWrite({ operation, channel, caller, token, access, input }: RequestContext, key: string) {
  return {
    id: digest([channel, caller?.principal.tenantId ?? '', token?.objectId ?? access.ownerId, key]),
    request: digest([operation, input.path, input.query, input.body]),
  };
}

const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

const replySchema = z.object({
  status: z.optional(z.int()),
  headers: z.optional(z.record(z.string(), z.string())),
  contentType: z.optional(z.string()),
  body: z.string(),
});
const services = ['entra', 'keyVault', 'managedIdentity', 'defender', 'graph', 'storage'] as const;
const refusalSchema = z.object({
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  nextStep: z.optional(z.string()),
  upstream: z.optional(
    z.object({
      service: z.enum(services),
      status: z.optional(z.int()),
      code: z.optional(z.string()),
      requestId: z.optional(z.string()),
    }),
  ),
});
const storedSchema = z.union([z.object({ reply: replySchema }), z.object({ refusal: refusalSchema })]);

/** Refusals that Defender would repeat. */
const definiteCodes: ReadonlySet<string> = new Set(['RejectedByDefender', 'NotFound']);
const tokenServices: ReadonlySet<UpstreamService> = new Set<UpstreamService>(['entra', 'keyVault', 'managedIdentity']);

/** Own URLs are stored without their base, which may differ at the next call. */
export function toStoredResponse(reply: Reply, baseUrl: string): string {
  const { status, headers = {}, contentType, body, bodyToRepeat = body } = reply;
  const { location } = headers;
  const isOwn = location?.startsWith(`${baseUrl}/`) === true;
  const kept = isOwn ? { ...headers, location: location.slice(baseUrl.length) } : headers;
  return JSON.stringify({ reply: { status, headers: kept, contentType, body: bodyToRepeat } });
}

/** Undefined for an error that is not stored. */
export function toStoredRefusal(error: unknown): string | undefined {
  if (!(error instanceof RequestError) || !definiteCodes.has(error.code)) return undefined;
  const { status, code, message: detail, nextStep, upstream } = error;
  return JSON.stringify({ refusal: { status, code, detail, nextStep, upstream } });
}

/** @throws {RequestError} a stored refusal. */
export function replay(storedResponse: string, baseUrl: string): Reply {
  const stored = storedSchema.parse(JSON.parse(storedResponse));
  if ('refusal' in stored) {
    const { status, code, detail, ...options } = stored.refusal;
    throw new RequestError(status, code, detail, options);
  }
  const { status, headers, contentType, body } = stored.reply;
  const location = headers?.location;
  return {
    ...(status !== undefined && { status }),
    headers: { ...headers, ...(location?.startsWith('/') && { location: baseUrl + location }) },
    ...(contentType !== undefined && { contentType }),
    body,
  };
}

/** Whether a write that failed with this error may have been applied. */
export function isUncertain(error: unknown): boolean {
  if (error instanceof RequestError || error instanceof ConfigError) return false;
  if (!(error instanceof UpstreamError)) return true;
  const { failure, upstream } = error;
  if (tokenServices.has(upstream.service) || error.isUnsent) return false;
  return failure !== 'refused' || upstream.status === 408 || (upstream.status ?? 500) >= 500;
}
