import * as z from 'zod/mini';
import { documentReply } from '../../shared/inbound/documents/document-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';

/** Swagger 2.0 document for custom connectors of Logic Apps and Power Automate. */
export const swagger = endpoint({
  route: 'GET swagger.json',
  summary: 'Get the Swagger 2.0 document',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: documentReply('Swagger 2.0 document', 'application/json', z.looseObject({})),
  async handle({ app, baseUrl }) {
    const { getDocument } = await import('../../shared/inbound/documents/document-cache.ts');
    return getDocument(app, 'swagger', baseUrl);
  },
});
