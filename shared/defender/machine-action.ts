import * as z from 'zod/mini';
import { openEnum } from '../schema.ts';
import { machineActionKinds, machineActionStatuses } from './endpoint-enums.ts';
import { parseIdentified } from './entity.ts';
import { defineEntityEnums, normalizeEnums } from './entity-enums.ts';

/** Documented members of a machine action of Defender for Endpoint. Others are passed through. */
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

/** A machine action as read from the service. */
export interface MachineAction {
  id: string;
  isRunning: boolean;
  /** The service's JSON with canonical enumerations. */
  text: string;
}

const enums = defineEntityEnums({ type: machineActionKinds, status: machineActionStatuses });

/** @throws {UpstreamError} when the text is not a machine action. */
export function parseMachineAction(text: string): MachineAction {
  const api = 'defenderForEndpoint';
  // Lists spell this member differently from single actions.
  const { lastUpdateTimeUtc, ...action } = parseIdentified(api, text, 'id');
  if (lastUpdateTimeUtc !== undefined) action.lastUpdateDateTimeUtc ??= lastUpdateTimeUtc;
  normalizeEnums(enums, action);
  const { id, status } = action;
  return { id: String(id), isRunning: status === 'Pending' || status === 'InProgress', text: JSON.stringify(action) };
}
