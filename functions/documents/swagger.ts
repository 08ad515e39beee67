import * as z from 'zod/mini';
import { documentReply, getDocument } from '../../shared/inbound/documents/document-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { corsAnyOrigin } from '../../shared/inbound/reply.ts';

/** Swagger 2.0 document for custom connectors of Logic Apps and Power Automate. */
export const swagger = endpoint({
  route: 'GET swagger.json',
  summary: 'Get the Swagger 2.0 document',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: documentReply('Swagger 2.0 document', 'application/json', z.looseObject({})),
  handle: ({ app, baseUrl }) =>
    getDocument({ app, name: 'swagger', baseUrl }, async () => {
      const [{ createOpenApi }, { toSwagger }] = await Promise.all([
        import('../../shared/inbound/documents/open-api.ts'),
        import('../../shared/inbound/documents/swagger.ts'),
      ]);
      return { body: JSON.stringify(toSwagger(createOpenApi(app, baseUrl))), headers: corsAnyOrigin };
    }),
});
