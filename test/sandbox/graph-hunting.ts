import type { Principal } from './access.ts';
import { type CloudAnswer, type CloudRequest, json, parseJsonObject } from './exchange.ts';
import { correlation, graphError } from './graph-error.ts';
import { type HuntingResult, hunt, QueryError } from './hunting.ts';
import { hostsOf } from './national-cloud.ts';
import type { SandboxState } from './state.ts';

export function runHuntingQuery(request: CloudRequest, state: SandboxState, { claims }: Principal): CloudAnswer {
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

function toReply({ columns, rows }: HuntingResult, { behavior, world }: SandboxState) {
  const host = hostsOf[world.nationalCloud].graph;
  const context = `https://${host}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults`;
  if (behavior.huntingEnvelope === 'mixed') {
    const schema = columns.map(({ name, type }) => ({ Name: name, Type: type }));
    return { '@odata.context': context, schema, Results: rows };
  }
  return { '@odata.context': context, schema: columns, results: rows };
}
