import { randomUUID } from 'node:crypto';
import type { CallRequest } from './call-request.ts';

/** The caller's own id of this call, if it gave a usable one, else a new one. */
export function readClientRequestId(request: CallRequest): string {
  const given = request.headers.get('x-ms-client-request-id') ?? '';
  return /^[\x20-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

/**
 * The address that the caller used. Azure's front end ends TLS, so that the app may see `http` where the caller saw `https`.
 */
export function readPublicUrl(request: CallRequest): URL {
  const url = new URL(request.url);
  if (request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() === 'https') url.protocol = 'https:';
  return url;
}
