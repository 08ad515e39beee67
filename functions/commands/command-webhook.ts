import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { replyOf } from '../../shared/inbound/reply.ts';
import { command } from './command.ts';

/** Signed commands for systems that have no function key. Each runs the operation that it names, once per `webhook-id`. */
export const commandWebhook = endpoint({
  route: 'POST webhooks/commands',
  summary: 'Run a signed command',
  description:
    'For systems that can sign but have no function key: a Standard Webhooks message that runs updateIncident, startMachineAction or submitIndicator.',
  authLevel: 'anonymous',
  hasTenant: false,
  body: command,
  maxBodyBytes: 64 * 1024,
  async verifyBody(body, { request, app }) {
    const { verifyCommand } = await import('./verify-command.ts');
    await verifyCommand(body, request.headers, { secret: app.openServices().webhookSecret, now: app.clock.now() });
  },
  reply: replyOf(z.looseObject({}), { description: 'The reply of the operation', statuses: [200, 202] }),
  async handle({ body, request }) {
    const { executeCommand } = await import('./execute-command.ts');
    return await executeCommand(body, request);
  },
});
