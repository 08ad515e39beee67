import * as z from 'zod/mini';
import { machineActionKinds, machineActionStatuses } from './endpoint-enums.ts';
import { openEnum } from './open-enum.ts';

/** What is or was done to a machine: members that callers can count on; the service may send more. */
export const machineAction = z
  .looseObject({
    id: z.string(),
    type: openEnum(machineActionKinds.canonical),
    status: openEnum(machineActionStatuses.canonical),
    machineId: z.nullish(z.string()),
    computerDnsName: z.nullish(z.string()),
    requestor: z.nullish(z.string()),
    requestorComment: z.nullish(z.string()),
    creationDateTimeUtc: z.nullish(z.iso.datetime()),
    lastUpdateDateTimeUtc: z.nullish(z.iso.datetime()),
  })
  .register(z.globalRegistry, { id: 'MachineAction' });
