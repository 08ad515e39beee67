import { endpoint } from '../../shared/inbound/endpoint.ts';
import { html } from '../../shared/inbound/reply.ts';

/** API reference as a page, with a form to try each operation. */
export const docs = endpoint({
  route: 'GET docs',
  summary: 'Get the API reference as a page',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: html('API reference', [200]),
  async handle({ app, baseUrl }) {
    const [{ createOpenApi }, { createDocsPage }] = await Promise.all([
      import('../../shared/inbound/documents/open-api.ts'),
      import('../../shared/inbound/documents/docs/docs-page.ts'),
    ]);
    return createDocsPage(createOpenApi(app, baseUrl));
  },
});
