import { checkAccess, type Permission, type Principal } from './access.ts';
import { addAlertComment, getAlert, listAlerts, updateAlert } from './alerts-api.ts';
import { quotaMessage } from './defender-error.ts';
import type { CloudAnswer, CloudRequest } from './exchange.ts';
import { graphError, graphRefusal } from './graph-error.ts';
import { runHuntingQuery } from './graph-hunting.ts';
import { perMinute, type Quota } from './rate-limiter.ts';
import type { SandboxState, Service } from './state.ts';

interface Operation {
  /** Operations on one kind of resource share its quota. */
  readonly resource: string;
  readonly method: string;
  readonly path: RegExp;
  readonly permission: Permission;
  readonly quota: Quota;
  answer(request: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer;
}

const permission = (...names: string[]): Permission => ({ roles: names, scopes: names });
const alerts = { resource: 'alert', quota: perMinute(150) };
const readAlerts = permission('SecurityAlert.ReadWrite.All', 'SecurityAlert.Read.All');
const writeAlerts = permission('SecurityAlert.ReadWrite.All');

const operations: readonly Operation[] = [
  {
    ...alerts,
    method: 'GET',
    path: /^\/v1\.0\/security\/alerts_v2\/?$/i,
    permission: readAlerts,
    answer: listAlerts,
  },
  {
    ...alerts,
    method: 'GET',
    path: /^\/v1\.0\/security\/alerts_v2\/([^/]+)$/i,
    permission: readAlerts,
    answer: getAlert,
  },
  {
    ...alerts,
    method: 'PATCH',
    path: /^\/v1\.0\/security\/alerts_v2\/([^/]+)$/i,
    permission: writeAlerts,
    answer: updateAlert,
  },
  {
    ...alerts,
    method: 'POST',
    path: /^\/v1\.0\/security\/alerts_v2\/([^/]+)\/comments$/i,
    permission: writeAlerts,
    answer: addAlertComment,
  },
  {
    resource: 'hunting',
    method: 'POST',
    path: /^\/v1\.0\/security\/(?:microsoft\.graph\.security\.)?runHuntingQuery$/,
    permission: permission('ThreatHunting.Read.All'),
    quota: perMinute(45),
    answer: runHuntingQuery,
  },
];

/** The security part of Microsoft Graph. Who asks is checked first, then how often, then what. */
export const graph: Service = async (request, state) => {
  const { pathname } = new URL(request.url);
  const there = operations.filter(({ path }) => path.test(pathname));
  const operation = there.find(({ method }) => method === request.method);
  const access = await checkAccess(state, request.headers.authorization, 'graph', operation?.permission);
  if (!access.granted) return graphRefusal(access, operation?.permission, request, state);
  if (there.length === 0) {
    const segment = pathname.split('/').at(-1);
    return graphError(400, 'BadRequest', `Resource not found for the segment '${segment}'.`, request, state);
  }
  if (!operation) {
    const message = 'Specified HTTP method is not allowed for the request target.';
    return graphError(405, 'Request_BadRequest', message, request, state);
  }
  const { claims } = access.principal;
  const exceeded = state.limiter.take(`graph ${operation.resource} ${claims.tid} ${claims.appid}`, [operation.quota]);
  if (exceeded) {
    const refusal = graphError(429, 'TooManyRequests', quotaMessage(exceeded), request, state);
    if (!state.behavior.retryAfter) return refusal;
    return { ...refusal, headers: { ...refusal.headers, 'retry-after': String(exceeded.retryAfterSeconds) } };
  }
  const id = decodeURIComponent(operation.path.exec(pathname)?.[1] ?? '');
  return operation.answer(request, state, access.principal, id);
};
