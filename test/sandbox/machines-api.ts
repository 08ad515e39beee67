import type { Principal } from './access.ts';
import type { Machine } from './data/machines.ts';
import { defenderError } from './defender-error.ts';
import { type CloudAnswer, type CloudRequest, json, parseJsonObject } from './exchange.ts';
import { nameOf } from './incidents-api.ts';
import { type StoredAction, toWireAction } from './machine-action-store.ts';
import type { FilterableType } from './odata-filter.ts';
import { answerList, contextOf } from './odata-list.ts';
import type { SandboxState } from './state.ts';

const filterable: FilterableType<Machine> = {
  name: 'Machine',
  properties: {
    computerDnsName: { type: 'text', hasPrefix: true, read: ({ computerDnsName }) => computerDnsName },
    id: { type: 'text', read: ({ id }) => id },
    lastSeen: { type: 'instant', read: ({ lastSeen }) => Date.parse(lastSeen) },
    healthStatus: { type: 'text', read: ({ healthStatus }) => healthStatus },
    riskScore: { type: 'text', read: ({ riskScore }) => riskScore },
    exposureLevel: { type: 'text', read: ({ exposureLevel }) => exposureLevel },
    osPlatform: { type: 'text', read: ({ osPlatform }) => osPlatform },
  },
};

/** What can be done, by the last part of the path in lower case. */
const actions: Readonly<Record<string, { type: string; scopes?: readonly string[]; onWindowsOnly?: boolean }>> = {
  isolate: { type: 'Isolate', scopes: ['Full', 'Selective', 'UnManagedDevice'] },
  unisolate: { type: 'Unisolate' },
  runantivirusscan: { type: 'RunAntiVirusScan', scopes: ['Quick', 'Full'] },
  collectinvestigationpackage: { type: 'CollectInvestigationPackage' },
  stopandquarantinefile: { type: 'StopAndQuarantineFile', onWindowsOnly: true },
  restrictcodeexecution: { type: 'RestrictCodeExecution', onWindowsOnly: true },
  unrestrictcodeexecution: { type: 'UnrestrictCodeExecution', onWindowsOnly: true },
  offboard: { type: 'Offboard', onWindowsOnly: true },
};

/** A tenant without machines is answered 404. */
export function listMachines(request: CloudRequest, state: SandboxState, { claims }: Principal): CloudAnswer {
  const { machines } = state.securityOf(claims.tid);
  if (machines.length === 0) return defenderError(404, 'ResourceNotFound', 'There are no recent machines.');
  return answerList({ url: new URL(request.url), entities: machines, filterable, context: 'Machines' });
}

export function getMachine(request: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer {
  const machine = findMachine(state, principal, id);
  if (!machine) return machineNotFound(id);
  return json(200, { '@odata.context': contextOf(new URL(request.url), 'Machines/$entity'), ...machine });
}

/** 201 with the action; offboarding is answered 200. */
export function startAction(request: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer {
  const url = new URL(request.url);
  const machine = findMachine(state, principal, id);
  if (!machine) return machineNotFound(id);
  const action = actions[url.pathname.split('/').at(-1)?.toLowerCase() ?? ''];
  const body = parseJsonObject(request.body);
  if (!action || !body) return defenderError(400, 'InvalidRequestBody', 'The request body is not valid.');

  const { type, scopes, onWindowsOnly = false } = action;
  const { Comment: comment, Sha1: sha1, IsolationType: isolation, ScanType: scan } = body;
  const scope = scopes && (isolation ?? scan);
  if (typeof comment !== 'string' || comment === '') return missing('Comment');
  if (scopes && !scopes.includes(String(scope))) return missing(type === 'Isolate' ? 'IsolationType' : 'ScanType');
  if (type === 'StopAndQuarantineFile' && typeof sha1 !== 'string') return missing('Sha1');
  if (machine.osPlatform === 'Linux' && (onWindowsOnly || scope === 'Selective')) {
    return defenderError(400, 'OsPlatformNotSupported', `${type} is not supported on the platform of the machine.`);
  }
  const store = state.securityOf(principal.claims.tid).machineActions;
  if (store.isRunning(machine.id, type)) return defenderError(400, 'BadRequest', 'Action is already in progress');

  const stored = store.add({
    ...{ type, machine, requestor: nameOf(principal, state), requestorComment: comment },
    scope: typeof scope === 'string' ? scope : null,
    sha1: typeof sha1 === 'string' ? sha1 : undefined,
  });
  return answerAction(type === 'Offboard' ? 200 : 201, url, stored, state, principal, 'lastUpdateTimeUtc');
}

const filterableAction: FilterableType<StoredAction> = {
  name: 'MachineAction',
  properties: {
    id: { type: 'text', read: ({ id }) => id },
    machineId: { type: 'text', read: ({ machine }) => machine.id },
    type: { type: 'text', read: ({ type }) => type },
    requestor: { type: 'text', read: ({ requestor }) => requestor },
    creationDateTimeUtc: { type: 'instant', read: ({ createdAt }) => createdAt },
  },
};

export function listActions(request: CloudRequest, state: SandboxState, { claims }: Principal): CloudAnswer {
  const { machineActions: store } = state.securityOf(claims.tid);
  return answerList({
    url: new URL(request.url),
    entities: store.all(),
    filterable: filterableAction,
    context: 'MachineActions',
    toWire: (stored) => toWireAction(stored, store.statusOf(stored), state.now(), 'lastUpdateTimeUtc'),
  });
}

export function getAction(request: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer {
  const stored = state.securityOf(principal.claims.tid).machineActions.get(id);
  if (!stored) return defenderError(404, 'ResourceNotFound', `Machine action ${id} was not found.`);
  return answerAction(200, new URL(request.url), stored, state, principal, 'lastUpdateDateTimeUtc');
}

/** The address is a quoted string, absent until the action has succeeded. */
export function getPackage(request: CloudRequest, state: SandboxState, { claims }: Principal, id: string): CloudAnswer {
  const { machineActions } = state.securityOf(claims.tid);
  const stored = machineActions.get(id);
  const isReady = stored?.type === 'CollectInvestigationPackage' && machineActions.statusOf(stored) === 'Succeeded';
  if (!isReady) return defenderError(404, 'ResourceNotFound', 'The package was not found.');
  const expires = `${new Date(state.now() + 60 * 60_000).toISOString().slice(0, 19)}Z`;
  const signature = new URLSearchParams({ sv: '2024-11-04', se: expires, sp: 'r', sig: 'c2FuZGJveA==' });
  const uri = `https://contosoforensics.blob.core.windows.net/packages/${id}.zip?${signature}`;
  return json(200, { '@odata.context': contextOf(new URL(request.url), 'Edm.String'), value: `"${uri}"` });
}

function answerAction(
  status: 200 | 201,
  url: URL,
  stored: StoredAction,
  state: SandboxState,
  { claims }: Principal,
  lastUpdateName: 'lastUpdateTimeUtc' | 'lastUpdateDateTimeUtc',
): CloudAnswer {
  const now = state.securityOf(claims.tid).machineActions.statusOf(stored);
  const action = toWireAction(stored, now, state.now(), lastUpdateName);
  return json(status, { '@odata.context': contextOf(url, 'MachineActions/$entity'), ...action });
}

function findMachine(state: SandboxState, { claims }: Principal, id: string): Machine | undefined {
  return state.securityOf(claims.tid).machines.find((machine) => machine.id === id.toLowerCase());
}

function machineNotFound(id: string): CloudAnswer {
  return defenderError(404, 'ResourceNotFound', `Machine ${id} was not found.`);
}

function missing(parameter: string): CloudAnswer {
  return defenderError(400, 'MissingRequiredParameter', `The parameter ${parameter} is missing or not valid.`);
}
