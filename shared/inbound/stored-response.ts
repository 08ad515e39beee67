import * as z from 'zod/mini';
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
