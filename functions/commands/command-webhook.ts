import * as z from 'zod/mini';
import type { Endpoint } from '../../shared/inbound/app.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { command } from './command.ts';

const declared = endpoint({
  route: 'POST webhooks/commands',
  summary: 'Take a signed command',
  description:
    'For systems that can sign but hold no key: a Standard Webhooks message that stands for updateIncident, startMachineAction or submitIndicator.',
  authLevel: 'anonymous',
  body: command,
  reply: jsonAnswer(z.looseObject({}), {
    description: 'The reply of the operation that the command stands for',
    statuses: [200, 202],
  }),
  handle() {
    throw new TypeError('A command is answered as the operation that it stands for');
  },
});

/** Signed commands. Each is answered as the operation that it stands for, under its rules, and under its message id once. */
export const commandWebhook: Endpoint = {
  ...declared,
  async answer(invocation) {
    // Loaded with the first of them: no other answer should wait for it.
    const { answerCommand } = await import('./answer-command.ts');
    return await answerCommand(invocation);
  },
};
