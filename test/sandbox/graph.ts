import { randomUUID } from 'node:crypto';
import { checkAccess, type Permission, type Principal, type Refused } from './access.ts';
import { missingPermission, quotaMessage } from './defender-error.ts';
import { type CloudAnswer, type CloudRequest, json, parseJsonObject } from './exchange.ts';
import { type HuntingResult, hunt, QueryError } from './hunting.ts';
import { hostsOf } from './national-cloud.ts';
import { perMinute, type Quota } from './rate-limiter.ts';
import type { SandboxState, Service } from './state.ts';

interface Operation {
  readonly method: string;
  readonly path: RegExp;
  readonly permission: Permission;
  readonly quota: Quota;
  answer(request: CloudRequest, state: SandboxState, principal: Principal): CloudAnswer;
}

const operations: Readonly<Record<string, Operation>> = {
  hunting: {
    method: 'POST',
    path: /^\/v1\.0\/security\/(?:microsoft\.graph\.security\.)?runHuntingQuery$/,
    permission: { roles: ['ThreatHunting.Read.All'], scopes: ['ThreatHunting.Read.All'] },
    quota: perMinute(45),
    answer: runHuntingQuery,
  },
};

/** The security part of Microsoft Graph. */
export const graph: Service = async (request, state) => {
  const url = new URL(request.url);
  const [name, operation] = Object.entries(operations).find(([, { path }]) => path.test(url.pathname)) ?? [];
  const access = await checkAccess(state, request.headers.authorization, 'graph', operation?.permission);
  if (!access.granted) return graphRefusal(access, operation?.permission, request, state);
  if (!operation) {
    const segment = url.pathname.split('/').at(-1);
    return graphError(400, 'BadRequest', `Resource not found for the segment '${segment}'.`, request, state);
  }
  if (operation.method !== request.method) {
    return graphError(
      405,
      'Request_BadRequest',
      'Specified HTTP method is not allowed for the request target.',
      request,
      state,
    );
  }
  const { claims } = access.principal;
  const exceeded = state.limiter.take(`graph ${name} ${claims.tid} ${claims.appid}`, [operation.quota]);
  if (exceeded) {
    const refusal = graphError(429, 'TooManyRequests', quotaMessage(exceeded), request, state);
    if (!state.behaviour.retryAfter) return refusal;
    return { ...refusal, headers: { ...refusal.headers, 'retry-after': String(exceeded.retryAfterSeconds) } };
  }
  return operation.answer(request, state, access.principal);
};

function runHuntingQuery(request: CloudRequest, state: SandboxState, { claims }: Principal): CloudAnswer {
  const members = Object.entries(parseJsonObject(request.body) ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const { query, timespan, ...others } = Object.fromEntries(members);
  const unknown = Object.keys(others).find((name) => name !== 'workspaceid');
  if (unknown !== undefined) {
    const message = `The parameter '${unknown}' in the request payload is not a valid parameter for the operation 'runHuntingQuery'.`;
    return graphError(400, 'BadRequest', message, request, state);
  }
  const isTimespan = timespan === undefined || timespan === null || typeof timespan === 'string';
  if (typeof query !== 'string' || !isTimespan) {
    return graphError(400, 'BadRequest', 'Unable to read JSON request payload.', request, state);
  }
  try {
    const result = hunt(query, timespan ?? undefined, state, claims.tid);
    return json(200, toReply(result, state), correlation(request));
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return graphError(400, 'BadRequest', error.message, request, state);
  }
}

function toReply({ columns, rows }: HuntingResult, { behaviour, world }: SandboxState) {
  const host = hostsOf[world.nationalCloud].graph;
  const context = `https://${host}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults`;
  if (behaviour.huntingEnvelope === 'mixed') {
    const schema = columns.map(({ name, type }) => ({ Name: name, Type: type }));
    return { '@odata.context': context, schema, Results: rows };
  }
  return { '@odata.context': context, schema: columns, results: rows };
}

/** Graph's error envelope. */
function graphError(
  status: number,
  code: string,
  message: string,
  request: CloudRequest,
  { now }: Pick<SandboxState, 'now'>,
): CloudAnswer {
  const headers = correlation(request);
  const innerError = {
    ...(status === 429 && { code: '429' }),
    date: new Date(now()).toISOString().slice(0, 19),
    ...headers,
  };
  return json(status, { error: { code, message, innerError } }, headers);
}

function graphRefusal(
  { reason, present }: Refused,
  permission: Permission | undefined,
  request: CloudRequest,
  state: SandboxState,
): CloudAnswer {
  const forbidden = (message: string) => graphError(403, 'Forbidden', message, request, state);
  switch (reason) {
    case 'missingRole': {
      const needed = permission?.roles.join(', ');
      const has = present.length > 0 ? present.join(', ') : '(none)';
      return forbidden(`Missing application roles. API required roles: ${needed}, application roles: ${has}.`);
    }
    case 'missingScope':
      return forbidden(missingPermission('delegated', permission?.scopes));
    case 'noPortalRights':
      return forbidden('Auth token does not contain valid permissions or user does not have valid roles.');
  }
  const sentences = {
    noToken: 'Access token is empty.',
    badToken: 'Access token validation failure.',
    expired: 'Lifetime validation failed, the token is expired.',
    wrongAudience: 'Access token validation failure. Invalid audience.',
  };
  return graphError(401, 'InvalidAuthenticationToken', sentences[reason], request, state);
}

function correlation({ headers }: CloudRequest) {
  const requestId = randomUUID();
  return { 'request-id': requestId, 'client-request-id': headers['client-request-id'] ?? requestId };
}
