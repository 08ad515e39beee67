import * as z from 'zod/mini';
import type { Page } from '../defender/collection.ts';
import { withDescription } from '../schema.ts';
import type { ReplyFormat } from './reply.ts';

/** A page of a list: `{ "value": [...], "nextLink": "..." }`. */
export function pageOf(item: z.ZodMiniType): ReplyFormat<Page> {
  const nextLink = withDescription(
    z.optional(z.url()),
    'Where the list goes on, even behind a page shorter than wanted; absent on the last page. Opaque: call it as it is.',
  );
  return {
    contents: { 'application/json': z.object({ value: z.array(item), nextLink }) },
    description: 'One page of the list',
    statuses: [200],
    isPage: true,
    negotiate:
      () =>
      ({ text, next }, toNextLink) => ({
        contentType: 'application/json; charset=utf-8',
        body:
          next === undefined ? `{"value":${text}}` : `{"value":${text},"nextLink":${JSON.stringify(toNextLink(next))}}`,
      }),
  };
}
