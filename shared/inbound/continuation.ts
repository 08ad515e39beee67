import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Cursor } from '../defender/collection.ts';
import { RequestError } from '../errors.ts';

/** The query parameter that carries where a list goes on. */
export const continuationParameter = 'skipToken';

const cursorSchema = z.strictObject({
  path: z.optional(z.string().check(z.startsWith('/'))),
  skip: z.int().check(z.minimum(0)),
});

/** The request whose list goes on: a continuation is good for nothing else. */
export interface ListRequest {
  operation: string;
  tenantId: string;
  url: URL;
}

/** The same request, further on. Host parameters (the caller's key among them) are left out. */
export function createNextLink(request: ListRequest, next: Cursor): string {
  const link = new URL(request.url);
  for (const name of hostParameters) link.searchParams.delete(name);
  const state = Buffer.from(JSON.stringify(next)).toString('base64url');
  link.searchParams.set(continuationParameter, `${state}.${digest(request, state)}`);
  return link.href;
}

/**
 * Where the list goes on.
 * @throws {RequestError} 400 when the continuation was not made by `createNextLink` for this very request. That guards against
 * mistakes: what a forged one could reach is the caller's to read anyway.
 */
export function parseContinuation(request: ListRequest, token: string): Cursor {
  const [state = '', signature] = token.split('.');
  if (signature === digest(request, state)) {
    const cursor = cursorSchema.safeParse(parseState(state));
    if (cursor.success) return cursor.data;
  }
  const detail = 'must be taken from a nextLink, unchanged, with the other parameters of that link';
  throw new RequestError(400, 'InvalidRequest', `${continuationParameter} ${detail}.`, {
    errors: [{ in: 'query', name: continuationParameter, detail }],
  });
}

/** Parameters that belong to the Functions host: the key and its name. */
export const hostParameters: readonly string[] = ['code', 'clientId'];

function digest({ operation, tenantId, url }: ListRequest, state: string): string {
  const parameters = [...url.searchParams].filter(
    ([name]) => !hostParameters.includes(name) && name !== continuationParameter,
  );
  const text = JSON.stringify([operation, tenantId, parameters.sort(byName), state]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

const byName = ([a]: [string, string], [b]: [string, string]) => (a < b ? -1 : 1);

function parseState(state: string): unknown {
  try {
    return JSON.parse(Buffer.from(state, 'base64url').toString());
  } catch {
    return undefined;
  }
}
