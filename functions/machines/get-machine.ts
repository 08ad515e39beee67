import * as z from 'zod/mini';
import { machine } from '../../shared/defender/machine-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { machineId } from '../../shared/inbound/input.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

export const getMachine = endpoint({
  route: 'GET machines/{machineId}',
  summary: 'Get a machine',
  role: 'Machine.Read',
  path: z.object({ machineId: withDescription(machineId, 'Machine ID') }),
  reply: jsonText(machine, 'The machine'),
  handle: ({ path, defender }) => defender.machines.get(path.machineId),
});
