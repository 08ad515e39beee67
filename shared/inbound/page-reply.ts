import * as z from 'zod/mini';
import type { Cursor, Page } from '../defender/collection.ts';
import { invalidRequest } from '../errors.ts';
import { withDescription } from '../schema.ts';
import type { StateProtection } from '../tokens/state-protection.ts';
import type { ReplyFormat } from './reply.ts';

/** A page of items that the app holds itself. */
interface ItemPage<T = unknown> {
  items: readonly T[];
  next: Cursor | undefined;
}

/** A page of a list: `{ "value": [...], "nextLink": "..." }`. */
export function pageOf(item: z.ZodMiniType): ReplyFormat<Page | ItemPage> {
  const nextLink = withDescription(
    z.optional(z.url()),
    'URL of the next page, absent on the last page. Opaque: call it unchanged. A page shorter than `top` may have one.',
  );
  return {
    contents: {
      'application/json': z.object({ value: withDescription(z.array(item), 'Entities of the page'), nextLink }),
    },
    description: 'One page of the list',
    statuses: [200],
    isPage: true,
    async serialize(page, { toNextLink }) {
      const { next } = page;
      const value = 'parts' in page ? page.parts : [JSON.stringify(page.items)];
      const link = next === undefined ? '' : `,"nextLink":${JSON.stringify(await toNextLink(next))}`;
      return { contentType: 'application/json; charset=utf-8', parts: ['{"value":', ...value, `${link}}`] };
    },
  };
}

/** The page of an array that begins at `cursor`. */
export function paginate<T>(all: readonly T[], top: number, { skip }: Cursor = { skip: 0 }): ItemPage<T> {
  const end = skip + top;
  return { items: all.slice(skip, end), next: end < all.length ? { skip: end } : undefined };
}

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
  /** Path below the URL of the API. */
  path: string;
}

type Signatures = Pick<StateProtection, 'sign' | 'verify'>;

/** The URL of the next page, without the parameters of the host, such as the key. */
export async function createNextLink(request: ListRequest, next: Cursor, signatures: Signatures): Promise<string> {
  const link = new URL(request.url);
  for (const name of hostParameters) link.searchParams.delete(name);
  const state = Buffer.from(JSON.stringify(next)).toString('base64url');
  const signature = await signatures.sign('nextLink', toSignedText(request, state));
  link.searchParams.set(continuationParameter, `${state}.${signature}`);
  return link.href;
}

/**
 * The position in the list.
 * @throws {RequestError} 400 for a continuation that `createNextLink` did not create for this list and tenant.
 * @throws {UpstreamError} of `managedIdentity` or `keyVault` if the key cannot be read.
 */
export async function parseContinuation(request: ListRequest, token: string, signatures: Signatures): Promise<Cursor> {
  const [state = '', signature = '', ...others] = token.split('.');
  if (others.length === 0 && (await signatures.verify('nextLink', toSignedText(request, state), signature))) {
    const cursor = cursorSchema.safeParse(parseState(state));
    if (cursor.success) return cursor.data;
  }
  const detail = 'must be taken from a nextLink, together with its other parameters, unchanged';
  throw invalidRequest([{ in: 'query', name: continuationParameter, detail }]);
}

/** Parameters of the Functions host: the key and its name. */
export const hostParameters: readonly string[] = ['code', 'clientId'];

function toSignedText({ operation, tenantId, url, path }: ListRequest, state: string): string {
  const parameters = [...url.searchParams].filter(
    ([name]) => !hostParameters.includes(name) && name !== continuationParameter,
  );
  return JSON.stringify([operation, tenantId, path, parameters.sort(byName), state]);
}

const byName = ([a]: [string, string], [b]: [string, string]) => (a < b ? -1 : 1);

function parseState(state: string): unknown {
  try {
    return JSON.parse(Buffer.from(state, 'base64url').toString());
  } catch {
    return undefined;
  }
}
