import * as z from 'zod/mini';
import type { OpenApiDocument } from '../../shared/inbound/documents/open-api-document.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { corsAnyOrigin, json } from '../../shared/inbound/reply.ts';

/** The OpenAPI 3.1 description of this app, generated from the declarations that also validate the requests. */
export const openApi = endpoint({
  route: 'GET openapi.json',
  summary: 'Get the OpenAPI 3.1 document',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: json(z.custom<OpenApiDocument>(), { headers: corsAnyOrigin }),
  async handle({ app, baseUrl }) {
    // Loaded when it is asked for: no other answer should wait for it.
    const { createOpenApi } = await import('../../shared/inbound/documents/open-api.ts');
    return createOpenApi(app, baseUrl);
  },
});
