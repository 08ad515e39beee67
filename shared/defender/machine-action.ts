import { machineActionKinds, machineActionStatuses } from './endpoint-enums.ts';
import { normalizeEnums } from './enum-aliases.ts';
import { malformed, parseEntity } from './service-page.ts';

/** What is or was done to a machine. */
export interface MachineAction {
  id: string;
  /** As Defender names it, such as `Isolate`. */
  kind: unknown;
  status: unknown;
  isRunning: boolean;
  /** The service's JSON, with enumerations in canonical spelling. */
  text: string;
}

const api = 'defenderForEndpoint';
const canonicalize = normalizeEnums({ type: machineActionKinds, status: machineActionStatuses });

/** @throws {UpstreamError} when it is no machine action. */
export function parseMachineAction(text: string): MachineAction {
  // Some samples of the service name the instant of the last update otherwise.
  const { lastUpdateTimeUtc, ...action } = parseEntity(api, text);
  if (lastUpdateTimeUtc !== undefined) action.lastUpdateDateTimeUtc ??= lastUpdateTimeUtc;
  canonicalize(action);
  const { id, type: kind, status } = action;
  if (typeof id !== 'string') throw malformed(api);
  const isRunning = status === 'Pending' || status === 'InProgress';
  return { id, kind, status, isRunning, text: JSON.stringify(action) };
}
