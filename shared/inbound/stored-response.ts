import * as z from 'zod/mini';
import { isUnsent } from '../defender/retry-policy.ts';
import { ConfigError, RequestError, UpstreamError, type UpstreamService } from '../errors.ts';
import type { Reply } from './reply.ts';

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
const outcomeSchema = z.union([z.object({ reply: replySchema }), z.object({ refusal: refusalSchema })]);

/** What Defender says once and for all of a change: asked again it would say the same. */
const definiteCodes: ReadonlySet<string> = new Set(['RejectedByDefender', 'NotFound']);
const tokenServices: ReadonlySet<UpstreamService> = new Set<UpstreamService>(['entra', 'keyVault', 'managedIdentity']);

/** A reply as it is remembered. An address of the app is kept without its base, which may be another one next time. */
export function toStoredResponse(reply: Reply, baseUrl: string): string {
  const { status, headers = {}, contentType, body, bodyToRepeat = body } = reply;
  const { location } = headers;
  const isOwn = location?.startsWith(`${baseUrl}/`) === true;
  const kept = isOwn ? { ...headers, location: location.slice(baseUrl.length) } : headers;
  return JSON.stringify({ reply: { status, headers: kept, contentType, body: bodyToRepeat } });
}

/** A failure as it is remembered; undefined when it is none to remember. */
export function toStoredRefusal(error: unknown): string | undefined {
  if (!(error instanceof RequestError) || !definiteCodes.has(error.code)) return undefined;
  const { status, code, message: detail, nextStep, upstream } = error;
  return JSON.stringify({ refusal: { status, code, detail, nextStep, upstream } });
}

/**
 * The reply that was remembered.
 * @throws {RequestError} the refusal that was remembered.
 */
export function replay(outcome: string, baseUrl: string): Reply {
  const remembered = outcomeSchema.parse(JSON.parse(outcome));
  if ('refusal' in remembered) {
    const { status, code, detail, ...options } = remembered.refusal;
    throw new RequestError(status, code, detail, options);
  }
  const { status, headers, contentType, body } = remembered.reply;
  const location = headers?.location;
  return {
    ...(status !== undefined && { status }),
    headers: { ...headers, ...(location?.startsWith('/') && { location: baseUrl + location }) },
    ...(contentType !== undefined && { contentType }),
    body,
  };
}

/** Whether a change that failed like this may have been made nevertheless. */
export function isUncertain(error: unknown): boolean {
  if (error instanceof RequestError || error instanceof ConfigError) return false;
  if (!(error instanceof UpstreamError)) return true;
  const { failure, upstream } = error;
  if (tokenServices.has(upstream.service) || isUnsent(error)) return false;
  return failure !== 'refused' || upstream.status === 408 || (upstream.status ?? 500) >= 500;
}
