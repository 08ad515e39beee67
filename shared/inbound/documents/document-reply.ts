import { createHash } from 'node:crypto';
import type * as z from 'zod/mini';
import type { App } from '../app.ts';
import type { ReplyFormat } from '../reply.ts';

/** A generated document, ready to send. */
export interface CachedDocument {
  body: string;
  etag: string;
  headers: Record<string, string>;
}

/** Documents per app: each of three under a few base URLs. Beyond that the oldest is generated again when it is requested. */
const maxDocuments = 24;
const documentsByApp = new WeakMap<App, Map<string, Promise<CachedDocument>>>();

/** The document of an operation under a base URL, generated once. */
export async function getDocument(
  { app, name, baseUrl }: { app: App; name: string; baseUrl: string },
  generate: () => Promise<Omit<CachedDocument, 'etag'>>,
): Promise<CachedDocument> {
  const documents = documentsByApp.get(app) ?? new Map<string, Promise<CachedDocument>>();
  documentsByApp.set(app, documents);
  const key = `${name} ${baseUrl}`;
  const cached = documents.get(key);
  if (cached !== undefined) return await cached;
  const generated = generate().then((document) => ({ ...document, etag: toEtag(document.body) }));
  documents.set(key, generated);
  const [oldest] = documents.keys();
  if (documents.size > maxDocuments && oldest !== undefined) documents.delete(oldest);
  generated.catch(() => documents.delete(key));
  return await generated;
}

const toEtag = (body: string): string => `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

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
