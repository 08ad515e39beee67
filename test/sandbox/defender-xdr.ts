import { checkAccess, type Permission, type Principal } from './access.ts';
import { defenderError, defenderRefusal, quotaMessage } from './defender-error.ts';
import { type CloudAnswer, type CloudRequest, json, parseJsonObject } from './exchange.ts';
import { type HuntingResult, hunt, QueryError } from './hunting.ts';
import { getIncident, listIncidents, updateIncident } from './incidents-api.ts';
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

const readIncidents: Permission = {
  roles: ['Incident.ReadWrite.All', 'Incident.Read.All'],
  scopes: ['Incident.ReadWrite', 'Incident.Read'],
};

const operations: readonly Operation[] = [
  {
    name: 'listIncidents',
    method: 'GET',
    path: /^\/api\/incidents\/?$/,
    permission: readIncidents,
    quotas: [perMinute(50), perHour(1500)],
    answer: (request, state, principal) => listIncidents(new URL(request.url), state, principal),
  },
  {
    name: 'getIncident',
    method: 'GET',
    path: /^\/api\/incidents\/([^/]+)$/,
    permission: readIncidents,
    quotas: [perMinute(100), perHour(1500)],
    answer: (_, state, principal, id) => getIncident(id, state, principal),
  },
  {
    name: 'updateIncident',
    method: 'PATCH',
    path: /^\/api\/incidents\/([^/]+)$/,
    permission: { roles: ['Incident.ReadWrite.All'], scopes: ['Incident.ReadWrite'] },
    quotas: [perMinute(50), perHour(1500)],
    answer: (request, state, principal, id) => updateIncident(id, request.body, state, principal),
  },
  {
    name: 'hunting',
    method: 'POST',
    path: /^\/api\/advancedhunting\/run$/,
    permission: { roles: ['AdvancedHunting.Read.All'], scopes: ['AdvancedHunting.Read'] },
    quotas: [perMinute(45)],
    answer: runHuntingQuery,
  },
];

/** Defender XDR: incidents and the older hunting call. Who asks is checked first, then how often, then what. */
export const defenderXdr: Service = async (request, state) => {
  const { pathname } = new URL(request.url);
  const there = operations.filter(({ path }) => path.test(pathname));
  const operation = there.find(({ method }) => method === request.method);
  const access = await checkAccess(state, request.headers.authorization, 'defenderXdr', operation?.permission);
  if (!access.granted) return defenderRefusal(access, operation?.permission);
  if (there.length === 0) return defenderError(404, 'NotFound', 'The resource was not found.');
  if (!operation)
    return defenderError(405, 'MethodNotAllowed', 'The method is not allowed for the requested resource.');
  const { principal } = access;
  const { claims } = principal;
  const exceeded = state.limiter.take(`${operation.name} ${claims.tid} ${claims.appid}`, operation.quotas);
  if (exceeded) {
    const retryAfter = state.behavior.retryAfter ? { 'retry-after': String(exceeded.retryAfterSeconds) } : {};
    return defenderError(429, '429', quotaMessage(exceeded), retryAfter);
  }
  return operation.answer(request, state, principal, operation.path.exec(pathname)?.[1] ?? '');
};

function runHuntingQuery(request: CloudRequest, state: SandboxState, { claims }: Principal): CloudAnswer {
  const { retiredHunting } = state.behavior;
  if (retiredHunting !== undefined) {
    const code = retiredHunting === 404 ? 'NotFound' : 'Gone';
    return defenderError(retiredHunting, code, 'This API was retired. Use the Microsoft Graph security API instead.');
  }
  const query = parseJsonObject(request.body)?.Query;
  if (typeof query !== 'string') return defenderError(400, 'InvalidRequestBody', 'The request body is not valid.');
  try {
    return json(200, toReply(hunt(query, undefined, state, claims.tid)));
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return defenderError(400, 'BadRequest', error.message);
  }
}

function toReply({ columns, rows }: HuntingResult) {
  const cache = { hits: rows.length, misses: 0, total: rows.length };
  return {
    Stats: {
      ExecutionTime: 0.015625,
      resource_usage: {
        cache: { memory: cache, disk: { hits: 0, misses: 0, total: 0 } },
        cpu: { user: '00:00:00.0156250', kernel: '00:00:00', 'total cpu': '00:00:00.0156250' },
        memory: { peak_per_node: 16_777_312 },
      },
      dataset_statistics: [{ table_row_count: rows.length, table_size: JSON.stringify(rows).length }],
    },
    Schema: columns.map(({ name, type }) => ({ Name: name, Type: type })),
    Results: rows,
  };
}
