import * as z from 'zod/mini';
import { documentReply } from '../../shared/inbound/documents/document-reply.ts';
import type { OpenApiDocument } from '../../shared/inbound/documents/open-api-document.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';

/** OpenAPI 3.1 document, generated from the schemas that validate requests. */
export const openApi = endpoint({
  route: 'GET openapi.json',
  summary: 'Get the OpenAPI 3.1 document',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: documentReply('OpenAPI 3.1 document', 'application/json', z.custom<OpenApiDocument>()),
  async handle({ app, baseUrl }) {
    const { getDocument } = await import('../../shared/inbound/documents/document-cache.ts');
    return getDocument(app, 'openApi', baseUrl);
  },
});
