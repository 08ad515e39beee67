import * as z from 'zod/mini';
import { documentReply } from '../../shared/inbound/documents/document-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';

/** API reference as a page, with a form to try each operation. */
export const docs = endpoint({
  route: 'GET docs',
  summary: 'Get the API reference as a page',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: documentReply('API reference', 'text/html', z.string()),
  async handle({ app, baseUrl }) {
    const { getDocument } = await import('../../shared/inbound/documents/document-cache.ts');
    return getDocument(app, 'docs', baseUrl);
  },
});
