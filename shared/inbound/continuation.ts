import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Cursor } from '../defender/collection.ts';
import { invalidRequest } from '../errors.ts';

/** The query parameter that holds the position in a list. */
export const continuationParameter = 'skipToken';

const count = z.int().check(z.minimum(0), z.maximum(10_000_000));
const cursorSchema = z.strictObject({
  skip: count,
  path: z.optional(z.string()),
  used: z.optional(count),
  owed: z.optional(z.int()),
  key: z.optional(z.string()),
});

/** The request that a continuation belongs to. */
export interface ListRequest {
  operation: string;
  tenantId: string;
  url: URL;
}

/** The URL of the next page, without the parameters of the host, such as the key. */
export function createNextLink(request: ListRequest, next: Cursor): string {
  const link = new URL(request.url);
  for (const name of hostParameters) link.searchParams.delete(name);
  const state = Buffer.from(JSON.stringify(next)).toString('base64url');
  link.searchParams.set(continuationParameter, `${state}.${digest(request, state)}`);
  return link.href;
}

/**
 * The position in the list.
 * @throws {RequestError} 400 for a continuation that `createNextLink` did not create for this list and tenant.
 */
export function parseContinuation(request: ListRequest, token: string): Cursor {
  const [state = '', signature, ...others] = token.split('.');
  if (others.length === 0 && signature === digest(request, state)) {
    const cursor = cursorSchema.safeParse(parseState(state));
    if (cursor.success) return cursor.data;
  }
  const detail = 'must be taken from a nextLink, together with its other parameters, unchanged';
  throw invalidRequest([{ in: 'query', name: continuationParameter, detail }]);
}

/** Parameters of the Functions host: the key and its name. */
export const hostParameters: readonly string[] = ['code', 'clientId'];

function digest({ operation, tenantId, url }: ListRequest, state: string): string {
  const parameters = [...url.searchParams].filter(
    ([name]) => !hostParameters.includes(name) && name !== continuationParameter,
  );
  const text = JSON.stringify([operation, tenantId, url.pathname, parameters.sort(byName), state]);
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
