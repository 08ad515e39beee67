import type { Config, MachineActionType } from '../config.ts';
import { RequestError } from '../errors.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { isRefusedWith, mapNotFound, rejectedAs } from './client-errors.ts';
import { parseInvestigationPackage } from './investigation-package.ts';
import { earliestOf } from './lost-response.ts';
import { type MachineAction, parseMachineAction } from './machine-action.ts';
import { allOf, compareInstant, isOneOf } from './odata-filter.ts';
import { machineActionPermissions, readMachines } from './permissions.ts';
import { type Entity, parseServicePage } from './service-page.ts';

/** What is to be done on a machine. Enumerations are in canonical spelling. */
interface ActionRequest {
  type: MachineActionType;
  /** Why: it is in Defender's audit. */
  comment: string;
  /** Of `isolate`; `Full` without it. */
  isolationType?: string | undefined;
  /** Of `runAntiVirusScan`; `Quick` without it. */
  scanType?: string | undefined;
  /** Of the file to stop and quarantine. */
  sha1?: string | undefined;
}

const api = 'defenderForEndpoint';

/** The last part of the path by which each action is started. */
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

/** Response actions of Defender for Endpoint, of the types that the app is set up to allow. */
export function createMachineActions(client: DefenderClient, allowed: Config['machineActions']) {
  const read = (actionId: string, operation: string, subPath = ''): Promise<string> => {
    const path = `/api/machineactions/${actionId}${subPath}`;
    return client.send({ operation, method: 'GET', path, permission: readMachines, isIdempotent: true });
  };

  /** The action that an earlier try has started, if it came through: of this type and with this comment, on this machine, since then. */
  async function findStarted(machineId: string, request: ActionRequest, since: number) {
    const from = new Date(earliestOf(since)).toISOString();
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
    const { entities } = parseServicePage(api, await client.send(call), new URL(path, client.originOf(api)));
    const isIt = ({ type, requestorComment }: Entity) =>
      String(type).toLowerCase() === request.type.toLowerCase() && requestorComment === request.comment;
    return entities.find(isIt);
  }

  return {
    /**
     * After a try whose answer was lost, which began at `uncertainSince` (epoch milliseconds), the machine's actions are looked at first, and
     * an action that it started is given.
     * @throws {RequestError} 403 when the app does not allow the action, 404 when there is no such machine, 409 when the same action runs
     * on it already, 400 when Defender refuses the action.
     */
    async start(machineId: string, request: ActionRequest, previousAttemptAt?: number): Promise<MachineAction> {
      requireAllowed(request.type, allowed);
      if (previousAttemptAt !== undefined) {
        const started = await findStarted(machineId, request, previousAttemptAt);
        if (started !== undefined) return parseMachineAction(JSON.stringify(started));
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
        rejectedAs(api, () => alreadyRunningAs(request.type, () => client.send(call))),
      );
      return parseMachineAction(text);
    },

    /** @throws {RequestError} 404 when there is none. */
    async get(actionId: string): Promise<MachineAction> {
      return parseMachineAction(
        await mapNotFound(api, `machine action ${actionId}`, () => read(actionId, 'machineActions.get')),
      );
    },

    /** Where the package that an action collected can be fetched. @throws {RequestError} 404 until it is ready. */
    async getPackage(actionId: string) {
      try {
        return parseInvestigationPackage(api, await read(actionId, 'machineActions.getPackage', '/getPackageUri'));
      } catch (error) {
        if (!isRefusedWith(error, api, 404)) throw error;
        const detail = `There is no package of machine action ${actionId}: it is ready once a collectInvestigationPackage action has succeeded, as getMachineAction tells.`;
        throw new RequestError(404, 'NotFound', detail, { upstream: error.upstream, cause: error });
      }
    },
  };
}

function requireAllowed(type: MachineActionType, allowed: Config['machineActions']): void {
  if (allowed.includes(type)) return;
  throw new RequestError(403, 'ActionNotAllowed', `This app is set up not to start the machine action ${type}.`, {
    nextStep: `Add ${type} to DEFENDER_MACHINE_ACTIONS to allow it.`,
  });
}

const toBody = ({ type, comment, isolationType = 'Full', scanType = 'Quick', sha1 }: ActionRequest) => ({
  Comment: comment,
  ...(type === 'isolate' && { IsolationType: isolationType }),
  ...(type === 'runAntiVirusScan' && { ScanType: scanType }),
  ...(type === 'stopAndQuarantineFile' && { Sha1: sha1 }),
});

/** Defender says only in its sentence that it is at it already. */
async function alreadyRunningAs<T>(type: MachineActionType, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isRefusedWith(error, api, 400) || !/\balready (in progress|running)\b/i.test(error.message)) throw error;
    throw new RequestError(409, 'ActionAlreadyRunning', `The machine action ${type} runs on this machine already.`, {
      upstream: error.upstream,
      cause: error,
    });
  }
}
