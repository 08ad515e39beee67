import * as z from 'zod/mini';
import { documentReply, getDocument } from '../../shared/inbound/documents/document-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageHeaders } from '../../shared/inbound/reply.ts';

/** API reference as a page, with a form to try each operation. */
export const docs = endpoint({
  route: 'GET docs',
  summary: 'Get the API reference as a page',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: documentReply('API reference', 'text/html', z.string()),
  handle: ({ app, baseUrl }) =>
    getDocument({ app, name: 'docs', baseUrl }, async () => {
      const [{ createOpenApi }, { createDocsPage }] = await Promise.all([
        import('../../shared/inbound/documents/open-api.ts'),
        import('../../shared/inbound/documents/docs/docs-page.ts'),
      ]);
      const page = createDocsPage(createOpenApi(app, baseUrl));
      return { body: page.body, headers: pageHeaders(page) };
    }),
});
