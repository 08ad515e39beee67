import * as z from 'zod/mini';
import { machineAction } from '../../shared/defender/machine-action-schema.ts';
import { asyncOperation } from '../../shared/inbound/async-operation-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { machineId } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';
import { machineActionInput } from './machine-action-input.ts';

/** Starts what is to be done to a machine, such as isolating it, and says where to ask how it goes. */
export const startMachineAction = endpoint({
  route: 'POST machines/{machineId}/actions',
  summary: 'Start a machine action',
  changesDefender: true,
  path: z.object({ machineId: withDescription(machineId, 'The id of the machine') }),
  body: machineActionInput,
  reply: asyncOperation(machineAction, 'The action as it begins', [202]),
  async handle({ path, body, defender, linkTo, previousAttemptAt }) {
    const { id, text } = await defender.machineActions.start(path.machineId, body, previousAttemptAt);
    return { text, location: linkTo(`/machine-actions/${encodeURIComponent(id)}`) };
  },
});
