import { randomUUID } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';

/** The caller's request id if it is valid, otherwise a new one. */
export function readClientRequestId(request: HttpRequest): string {
  const given = request.headers.get('x-ms-client-request-id') ?? '';
  return /^[\x20-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

/** The URL that the caller used. Azure's front end terminates TLS, so that the app may see `http` instead of `https`. */
export function readPublicUrl(request: HttpRequest): URL {
  const url = new URL(request.url);
  if (request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() === 'https') url.protocol = 'https:';
  return url;
}
