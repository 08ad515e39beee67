import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Whether the app is up. Needs no settings and makes no upstream calls. */
export const ping = endpoint({
  route: 'GET ping',
  summary: 'Check that the app is up',
  authLevel: 'anonymous',
  hasTenant: false,
  reply: json(
    z.object({
      status: withDescription(z.literal('ok'), 'Always ok'),
      version: withDescription(z.string(), 'Version of the app'),
    }),
  ),
  handle: ({ app }) => ({ status: 'ok' as const, version: app.version }),
});
