import type * as z from 'zod/mini';
import type { ReplyFormat } from '../reply.ts';

/** A generated document, ready to send. */
export interface CachedDocument {
  body: string;
  etag: string;
  headers: Record<string, string>;
}

const isMatch = (ifNoneMatch: string | null, etag: string): boolean =>
  (ifNoneMatch ?? '').split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')));

/** A public document that clients and proxies may cache. 304 for a matching `If-None-Match`. */
export const documentReply = (
  description: string,
  contentType: string,
  schema: z.ZodMiniType,
): ReplyFormat<CachedDocument> => ({
  contents: { [contentType]: schema },
  description,
  statuses: [200, 304],
  isPage: false,
  serialize({ body, etag, headers }, { headers: requestHeaders }) {
    const cacheHeaders = { ...headers, etag, 'cache-control': 'public, max-age=300' };
    if (isMatch(requestHeaders.get('if-none-match'), etag)) return { status: 304, headers: cacheHeaders };
    return { status: 200, headers: cacheHeaders, contentType: `${contentType}; charset=utf-8`, body };
  },
});
