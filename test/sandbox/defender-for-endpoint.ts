import { checkAccess, type Permission, type Principal } from './access.ts';
import { defenderError, defenderRefusal, quotaMessage } from './defender-error.ts';
import type { CloudAnswer, CloudRequest } from './exchange.ts';
import { deleteIndicator, listIndicators, submitIndicator } from './indicators-api.ts';
import { getAction, getMachine, getPackage, listActions, listMachines, startAction } from './machines-api.ts';
import { perHour, perMinute, type Quota } from './rate-limiter.ts';
import type { SandboxState, Service } from './state.ts';

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  readonly permission: Permission;
  readonly quotas: readonly Quota[];
  answer(request: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer;
}

const usualQuotas = [perMinute(100), perHour(1500)];
const both = (...names: string[]): Permission => ({ roles: names, scopes: names });
const readMachines: Permission = {
  roles: ['Machine.ReadWrite.All', 'Machine.Read.All'],
  scopes: ['Machine.ReadWrite', 'Machine.Read'],
};
const indicators: Permission = { roles: ['Ti.ReadWrite.All', 'Ti.ReadWrite'], scopes: ['Ti.ReadWrite'] };

const read = (name: string, path: RegExp, answer: Operation['answer'], quotas = usualQuotas): Operation => ({
  ...{ name, method: 'GET', path, permission: readMachines, quotas, answer },
});
const act = (name: string, permission: string): Operation => ({
  ...{ name, method: 'POST', permission: both(permission), quotas: usualQuotas, answer: startAction },
  path: new RegExp(`^/api/machines/([^/]+)/${name}$`, 'i'),
});
const manage = (method: string, path: RegExp, answer: Operation['answer']): Operation => ({
  ...{ name: `${method} indicators`, method, path, permission: indicators, quotas: usualQuotas, answer },
});

const operations: readonly Operation[] = [
  read('listMachines', /^\/api\/machines\/?$/i, listMachines),
  read('getMachine', /^\/api\/machines\/([^/]+)$/i, getMachine),
  act('isolate', 'Machine.Isolate'),
  act('unisolate', 'Machine.Isolate'),
  act('runAntiVirusScan', 'Machine.Scan'),
  act('collectInvestigationPackage', 'Machine.CollectForensics'),
  act('stopAndQuarantineFile', 'Machine.StopAndQuarantine'),
  act('restrictCodeExecution', 'Machine.RestrictExecution'),
  act('unrestrictCodeExecution', 'Machine.RestrictExecution'),
  act('offboard', 'Machine.Offboard'),
  read('listActions', /^\/api\/machineactions\/?$/i, listActions),
  read('getAction', /^\/api\/machineactions\/([^/]+)$/i, getAction),
  read('getPackageUri', /^\/api\/machineactions\/([^/]+)\/getPackageUri$/i, getPackage, [perMinute(2), perHour(120)]),
  manage('GET', /^\/api\/indicators\/?$/i, listIndicators),
  manage('POST', /^\/api\/indicators\/?$/i, submitIndicator),
  manage('DELETE', /^\/api\/indicators\/([^/]+)$/i, deleteIndicator),
];

/** Machines, response actions and indicators. Who asks is checked first, then how often, then what. */
export const defenderForEndpoint: Service = async (request, state) => {
  const { pathname } = new URL(request.url);
  const there = operations.filter(({ path }) => path.test(pathname));
  const operation = there.find(({ method }) => method === request.method);
  const access = await checkAccess(state, request.headers.authorization, 'defenderForEndpoint', operation?.permission);
  if (!access.granted) return defenderRefusal(access, operation?.permission);
  if (there.length === 0) return defenderError(404, 'NotFound', 'The resource was not found.');
  if (!operation) {
    return defenderError(405, 'MethodNotAllowed', 'The method is not allowed for the requested resource.');
  }
  const { claims } = access.principal;
  const exceeded = state.limiter.take(`${operation.name} ${claims.tid} ${claims.appid}`, operation.quotas);
  if (exceeded) {
    const retryAfter = state.behavior.retryAfter ? { 'retry-after': String(exceeded.retryAfterSeconds) } : {};
    return defenderError(429, '429', quotaMessage(exceeded), retryAfter);
  }
  return operation.answer(request, state, access.principal, operation.path.exec(pathname)?.[1] ?? '');
};
