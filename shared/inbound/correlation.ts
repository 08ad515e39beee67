import { randomUUID } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';

/** The caller's request id if it is valid, otherwise a new one. */
export function readClientRequestId(request: HttpRequest): string {
  const given = request.headers.get('x-ms-client-request-id') ?? '';
  return /^[\x20-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}
