import { createHash } from 'node:crypto';
import { corsAnyOrigin, pageHeaders } from '../reply.ts';
import type { App } from '../request-context.ts';
import { createOpenApi } from './create-open-api.ts';
import { createDocsPage } from './docs/docs-page.ts';
import type { CachedDocument } from './document-reply.ts';
import type { OpenApiDocument } from './open-api-document.ts';
import { toSwagger } from './to-swagger.ts';

type DocumentName = 'openApi' | 'swagger' | 'docs';

const generators: Record<DocumentName, (document: OpenApiDocument) => Omit<CachedDocument, 'etag'>> = {
  openApi: (document) => ({ body: JSON.stringify(document), headers: corsAnyOrigin }),
  swagger: (document) => ({ body: JSON.stringify(toSwagger(document)), headers: corsAnyOrigin }),
  docs(document) {
    const page = createDocsPage(document);
    return { body: page.body, headers: pageHeaders(page) };
  },
};

/** Documents per app: three under each of a few base URLs. Beyond that, the oldest is generated again when it is requested. */
const maxDocuments = 24;
const documentsByApp = new WeakMap<App, Map<string, Promise<CachedDocument>>>();

/** A document under a base URL, generated once. */
export function getDocument(app: App, name: DocumentName, baseUrl: string): Promise<CachedDocument> {
  const documents = documentsByApp.get(app) ?? new Map<string, Promise<CachedDocument>>();
  documentsByApp.set(app, documents);
  const key = `${name} ${baseUrl}`;
  const document = documents.get(key) ?? generate(app, name, baseUrl);
  documents.set(key, document);
  document.catch(() => documents.delete(key));
  const [oldest] = documents.keys();
  if (documents.size > maxDocuments && oldest !== undefined) documents.delete(oldest);
  return document;
}

async function generate(app: App, name: DocumentName, baseUrl: string): Promise<CachedDocument> {
  const document = generators[name](await createOpenApi(app, baseUrl));
  const digest = createHash('sha256').update(document.body).digest('base64url');
  return { ...document, etag: `"${digest.slice(0, 22)}"` };
}
