import * as z from 'zod/mini';
import type { Cursor, Page } from '../defender/collection.ts';
import { withDescription } from '../schema.ts';
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
    contents: { 'application/json': z.object({ value: z.array(item), nextLink }) },
    description: 'One page of the list',
    statuses: [200],
    isPage: true,
    async serialize(page, { toNextLink }) {
      const { next } = page;
      const value = 'text' in page ? page.text : JSON.stringify(page.items);
      const link = next === undefined ? '' : `,"nextLink":${JSON.stringify(await toNextLink(next))}`;
      return { contentType: 'application/json; charset=utf-8', body: `{"value":${value}${link}}` };
    },
  };
}

/** The page of an array that begins at `cursor`. */
export function paginate<T>(all: readonly T[], top: number, { skip }: Cursor = { skip: 0 }): ItemPage<T> {
  const end = skip + top;
  return { items: all.slice(skip, end), next: end < all.length ? { skip: end } : undefined };
}
