import type { Config } from '../config.ts';
import { RequestError } from '../errors.ts';
import type { MachineActionType } from '../settings.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { hasStatus, mapNotFound, mapRejected } from './client-errors.ts';
import { type Entity, hasEntity, malformed, readApplied } from './entity.ts';
import { parseInvestigationPackage } from './investigation-package.ts';
import { toEarliestAt } from './lost-response.ts';
import { type MachineAction, parseMachineAction } from './machine-action.ts';
import { allOf, compareInstant, isOneOf } from './odata-filter.ts';
import { machineActionPermissions, readMachines } from './permissions.ts';
import { parseServicePage } from './service-page.ts';
import { parseTicks, type Ticks } from './ticks.ts';

/** A machine action to start. Enumerations are canonical. */
interface ActionRequest {
  type: MachineActionType;
  /** Recorded in Defender's audit. */
  comment: string;
  /** For `isolate`. Default: `Full`. */
  isolationType?: string | undefined;
  /** For `runAntiVirusScan`. Default: `Quick`. */
  scanType?: string | undefined;
  /** For `stopAndQuarantineFile`. */
  sha1?: string | undefined;
}

const api = 'defenderForEndpoint';

/** Last segment of each action's path. */
const segments: Record<MachineActionType, string> = {
  isolate: 'isolate',
  unisolate: 'unisolate',
  runAntiVirusScan: 'runAntiVirusScan',
  collectInvestigationPackage: 'collectInvestigationPackage',
  stopAndQuarantineFile: 'StopAndQuarantineFile',
  restrictCodeExecution: 'restrictCodeExecution',
  unrestrictCodeExecution: 'unrestrictCodeExecution',
  offboard: 'offboard',
};

/** Machine actions of Defender for Endpoint, limited to the types that `DEFENDER_MACHINE_ACTIONS` allows. */
export function createMachineActions(client: DefenderClient, allowed: Config['machineActions']) {
  const read = (actionId: string, operation: string, subPath = ''): Promise<string> => {
    const path = `/api/machineactions/${actionId}${subPath}`;
    return client.send({ operation, method: 'GET', path, permission: readMachines, isIdempotent: true });
  };

  /** Finds the action that an earlier attempt started, by machine, type, comment and time. */
  async function findStarted(machineId: string, request: ActionRequest, sentAt: number) {
    const from = new Date(toEarliestAt(sentAt)).toISOString();
    const filter =
      allOf(isOneOf('machineId', [machineId.toLowerCase()]), compareInstant('creationDateTimeUtc', 'ge', from)) ?? '';
    const path = `/api/machineactions?$top=100&$filter=${encodeURIComponent(filter)}`;
    const call: Call = {
      operation: 'machineActions.list',
      method: 'GET',
      path,
      permission: readMachines,
      isIdempotent: true,
    };
    const { entities } = parseServicePage(client, api, path, await client.send(call));
    const isMatch = ({ type, requestorComment }: Entity) =>
      String(type).toLowerCase() === request.type.toLowerCase() && requestorComment === request.comment;
    const [newest] = entities.filter(isMatch).sort(byCreationDescending);
    return newest && parseMachineAction(JSON.stringify(newest));
  }

  return {
    /**
     * Starts an action. After an attempt whose response was lost, which began at `previousAttemptAt` (epoch milliseconds), the machine's
     * actions are searched first, and the action that it started is returned.
     * @throws {RequestError} 403 when the type is not allowed, 404 for an unknown machine, 409 when the same action is in progress, 400
     * when Defender rejects the action.
     */
    async start(machineId: string, request: ActionRequest, previousAttemptAt?: number): Promise<MachineAction> {
      requireAllowed(request.type, allowed);
      if (previousAttemptAt !== undefined) {
        const started = await findStarted(machineId, request, previousAttemptAt);
        if (started !== undefined) return started;
      }
      const call: Call = {
        operation: `machineActions.${request.type}`,
        method: 'POST',
        path: `/api/machines/${machineId}/${segments[request.type]}`,
        body: toBody(request),
        permission: machineActionPermissions[request.type],
        isIdempotent: false,
      };
      const text = await mapNotFound(api, `machine ${machineId}`, () =>
        mapRejected(api, () => mapAlreadyRunning(request.type, () => client.send(call))),
      );
      if (hasEntity(text, 'id')) return parseMachineAction(text);
      return await readApplied(api, async () => {
        const started = await findStarted(machineId, request, client.startedAt);
        if (started === undefined) throw malformed(api);
        return started;
      });
    },

    /** @throws {RequestError} 404. */
    async get(actionId: string): Promise<MachineAction> {
      return parseMachineAction(
        await mapNotFound(api, `machine action ${actionId}`, () => read(actionId, 'machineActions.get')),
      );
    },

    /** Returns the download link of an investigation package. @throws {RequestError} 404 until the package is ready. */
    async getPackage(actionId: string) {
      try {
        return parseInvestigationPackage(api, await read(actionId, 'machineActions.getPackage', '/getPackageUri'));
      } catch (error) {
        if (!hasStatus(error, api, 404)) throw error;
        const detail = `Machine action ${actionId} has no package. A package exists once a collectInvestigationPackage action has succeeded.`;
        throw new RequestError(404, 'NotFound', detail, { upstream: error.upstream, cause: error });
      }
    },
  };
}

const byCreationDescending = (a: Entity, b: Entity): number => (createdAtOf(a) < createdAtOf(b) ? 1 : -1);
const createdAtOf = ({ creationDateTimeUtc }: Entity): Ticks => parseTicks(creationDateTimeUtc) ?? 0n;

function requireAllowed(type: MachineActionType, allowed: Config['machineActions']): void {
  if (allowed.includes(type)) return;
  throw new RequestError(
    403,
    'ActionNotAllowed',
    `DEFENDER_MACHINE_ACTIONS does not allow the machine action ${type}.`,
    {
      nextStep: `Add ${type} to DEFENDER_MACHINE_ACTIONS.`,
    },
  );
}

const toBody = ({ type, comment, isolationType = 'Full', scanType = 'Quick', sha1 }: ActionRequest) => ({
  Comment: comment,
  ...(type === 'isolate' && { IsolationType: isolationType }),
  ...(type === 'runAntiVirusScan' && { ScanType: scanType }),
  ...(type === 'stopAndQuarantineFile' && { Sha1: sha1 }),
});

/** Turns the 400 for an action that is in progress, recognizable only by its message, into the caller's 409. */
async function mapAlreadyRunning<T>(type: MachineActionType, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!hasStatus(error, api, 400) || !/\balready (in progress|running)\b/i.test(error.message)) throw error;
    throw new RequestError(
      409,
      'ActionAlreadyRunning',
      `The machine action ${type} is already in progress on this machine.`,
      {
        upstream: error.upstream,
        cause: error,
      },
    );
  }
}
