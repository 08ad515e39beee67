import { randomUUID } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';

/** The caller's own id of this call, if it gave a usable one, else a new one. */
export function readClientRequestId(request: HttpRequest): string {
  const given = request.headers.get('x-ms-client-request-id') ?? '';
  return /^[\x20-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

/**
 * The address that the caller used. Azure's front end ends TLS, so that the app may see `http` where the caller saw `https`.
 */
export function readPublicUrl(request: HttpRequest): URL {
  const url = new URL(request.url);
  if (request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() === 'https') url.protocol = 'https:';
  return url;
}
