import * as z from 'zod/mini';
import { machineAction } from '../../shared/defender/machine-action.ts';
import { asyncOperation } from '../../shared/inbound/async-operation-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { actionId } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';

/** A machine action. 202 while it is pending or in progress. */
export const getMachineAction = endpoint({
  route: 'GET machine-actions/{actionId}',
  summary: 'Get a machine action',
  role: 'Machine.Read',
  path: z.object({ actionId: withDescription(actionId, 'Machine action ID') }),
  reply: asyncOperation(machineAction, 'The action. 202 while it is pending or in progress.'),
  async handle({ path, defender, linkTo }) {
    const { text, isRunning } = await defender.machineActions.get(path.actionId);
    return { text, location: isRunning ? linkTo(`/machine-actions/${path.actionId}`) : undefined };
  },
});
