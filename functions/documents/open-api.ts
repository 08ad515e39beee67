import * as z from 'zod/mini';
import type { OpenApiDocument } from '../../shared/inbound/documents/open-api-document.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { corsAnyOrigin, json } from '../../shared/inbound/reply.ts';

/** OpenAPI 3.1 document, generated from the schemas that validate requests. */
export const openApi = endpoint({
  route: 'GET openapi.json',
  summary: 'Get the OpenAPI 3.1 document',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: json(z.custom<OpenApiDocument>(), { headers: corsAnyOrigin }),
  async handle({ app, baseUrl }) {
    const { createOpenApi } = await import('../../shared/inbound/documents/open-api.ts');
    return createOpenApi(app, baseUrl);
  },
});
