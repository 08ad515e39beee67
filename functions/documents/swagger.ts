import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { corsAnyOrigin, json } from '../../shared/inbound/reply.ts';

/** Swagger 2.0 document for custom connectors of Logic Apps and Power Automate. */
export const swagger = endpoint({
  route: 'GET swagger.json',
  summary: 'Get the Swagger 2.0 document',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: json(z.looseObject({}), { headers: corsAnyOrigin }),
  async handle({ app, baseUrl }) {
    const [{ createOpenApi }, { toSwagger }] = await Promise.all([
      import('../../shared/inbound/documents/open-api.ts'),
      import('../../shared/inbound/documents/swagger.ts'),
    ]);
    return toSwagger(createOpenApi(app, baseUrl));
  },
});
