import * as z from 'zod/mini';
import { machineAction } from '../shared/defender/machine-action-schema.ts';
import { endpoint } from '../shared/inbound/endpoint.ts';
import { machineId } from '../shared/inbound/input.ts';
import { machineActionInput } from '../shared/inbound/machine-action-input.ts';
import { workOf } from '../shared/inbound/work-reply.ts';
import { described } from '../shared/schema.ts';

/** Starts what is to be done to a machine, such as isolating it, and says where to ask how it goes. */
export const startMachineAction = endpoint({
  route: 'POST machines/{machineId}/actions',
  summary: 'Start a machine action',
  changesDefender: true,
  path: z.object({ machineId: described(machineId, 'The id of the machine') }),
  body: machineActionInput,
  reply: workOf(machineAction, 'The action as it begins', [202]),
  async handle({ path, body, defender, linkTo, uncertainSince }) {
    const { id, text } = await defender.machineActions.start(path.machineId, body, uncertainSince);
    return { text, location: linkTo(`/machine-actions/${encodeURIComponent(id)}`) };
  },
});
