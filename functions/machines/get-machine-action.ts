import * as z from 'zod/mini';
import { machineAction } from '../../shared/defender/machine-action-schema.ts';
import { asyncOperation } from '../../shared/inbound/async-operation-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { actionId } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';

/** How a machine action goes: 202 until it has ended, however it ended. */
export const getMachineAction = endpoint({
  route: 'GET machine-actions/{actionId}',
  summary: 'Get a machine action',
  path: z.object({ actionId: withDescription(actionId, 'The id of the machine action') }),
  reply: asyncOperation(machineAction, 'The action; 202 while it goes on'),
  async handle({ path, defender, linkTo }) {
    const { text, isRunning } = await defender.machineActions.get(path.actionId);
    return { text, location: isRunning ? linkTo(`/machine-actions/${path.actionId}`) : undefined };
  },
});
