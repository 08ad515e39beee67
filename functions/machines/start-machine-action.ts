import * as z from 'zod/mini';
import { machineAction } from '../../shared/defender/machine-action.ts';
import { asyncOperation } from '../../shared/inbound/async-operation-reply.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { machineId } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';
import { machineActionInput, machineActionRole } from './machine-action-input.ts';

/** Starts a machine action, such as isolating the machine. `Location` points to the action. */
export const startMachineAction = endpoint({
  route: 'POST machines/{machineId}/actions',
  summary: 'Start a machine action',
  role: machineActionRole,
  changesDefender: true,
  path: z.object({ machineId: withDescription(machineId, 'Machine ID') }),
  body: machineActionInput,
  reply: asyncOperation(machineAction, 'The started action', [202]),
  async handle({ path, body, defender, linkTo, previousAttemptAt }) {
    const { id, text } = await defender.machineActions.start(path.machineId, body, previousAttemptAt);
    return { text, location: linkTo(`/machine-actions/${encodeURIComponent(id)}`) };
  },
});
