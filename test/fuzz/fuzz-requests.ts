import * as z from 'zod/mini';
import type { CallOptions } from '../app/call.ts';
import type { InProcessTestApp } from '../app/harness.ts';
import type { Random } from '../sandbox/data/random.ts';
import { mutate, oddText, oddValue } from './odd-values.ts';
import { type FindSchema, type Schema, sample } from './schema-samples.ts';

export interface FuzzRequest {
  readonly operation: string;
  readonly request: `${string} ${string}`;
  readonly options: CallOptions;
}

const parameter = z.looseObject({ name: z.string(), in: z.string(), schema: z.optional(z.looseObject({})) });
const operation = z.looseObject({
  operationId: z.string(),
  parameters: z.optional(z.array(z.union([parameter, z.looseObject({ $ref: z.string() })]))),
  requestBody: z.optional(
    z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.looseObject({}) })) }),
  ),
});
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({}),
});

type Operation = z.infer<typeof operation> & { path: string; method: string };

/** Makes requests for every operation of the OpenAPI document: valid ones, mutated ones and nonsense. */
export async function createRequests(app: InProcessTestApp, tokens: readonly string[], random: Random) {
  const document = documentSchema.parse((await app.call('GET /openapi.json')).json);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, each]): Operation[] => {
      const { data } = z.safeParse(operation, each);
      return data ? [{ ...data, path, method: method.toUpperCase() }] : [];
    }),
  );
  const find: FindSchema = (reference) => {
    const found = reference
      .split('/')
      .slice(1)
      .reduce<unknown>((part, name) => Object(part)[name], document);
    return Object(found);
  };
  const named = namedValues(app);

  return {
    operationIds: operations.map(({ operationId }) => operationId),
    create(): FuzzRequest {
      const chosen = operations[random.integer(0, operations.length - 1)] ?? operations[0];
      if (!chosen) throw new TypeError('The document has no operations');
      return createRequest(chosen, find, random, named, tokens);
    },
  };
}

/** Identifiers of entities that exist, so that requests get past validation. */
function namedValues({ cloud }: InProcessTestApp): Readonly<Record<string, unknown>> {
  const { incidents, machines } = cloud.securityOf(cloud.world.home.id);
  const [incident] = incidents.all();
  return {
    incidentId: incident?.incidentId,
    alertId: incident?.alerts[0]?.alertId,
    machineId: machines[0]?.id,
    tenantId: cloud.world.tenants[1]?.id,
    callbackUrl: 'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=fuzz-callback-canary',
    query: 'AlertInfo | take 2',
    schedule: '0 */5 * * * *',
  };
}

function createRequest(
  { operationId, path, method, parameters = [], requestBody }: Operation,
  find: FindSchema,
  random: Random,
  named: Readonly<Record<string, unknown>>,
  tokens: readonly string[],
): FuzzRequest {
  const resolved = parameters.map((each): z.infer<typeof parameter> => {
    const { data } = z.safeParse(parameter, typeof each.$ref === 'string' ? find(each.$ref) : each);
    return data ?? { name: '', in: '' };
  });
  const textOf = (name: string, schema: Schema = {}) =>
    random.chance(0.25) ? oddText(random) : String(sample(schema, find, random, named, name));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encode(textOf(name)));
  const query = resolved
    .filter((each) => each.in === 'query' && random.chance(0.3))
    .map(({ name, schema }) => `${encode(name)}=${encode(textOf(name, schema))}`);
  if (random.chance(0.05)) query.push(`${encode(oddText(random))}=${encode(oddText(random))}`);
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema;
  const body = schema && sample(schema, find, random, named);
  return {
    operation: operationId,
    request: `${method} ${filled}${query.length > 0 ? `?${query.join('&')}` : ''}`,
    options: { ...createBody(body, random), headers: createHeaders(random, tokens, body !== undefined) },
  };
}

/** Lone surrogates cannot be sent: they become the replacement character, as in a browser. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

function createBody(body: unknown, random: Random): CallOptions {
  if (body === undefined) return {};
  const text = JSON.stringify(random.chance(0.5) ? mutate(body, random) : body) ?? '';
  switch (random.integer(0, 19)) {
    case 0:
      return { body: text.slice(0, random.integer(0, text.length)) };
    case 1:
      return { body: Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xc3, 0x28, 0xff])]) };
    case 2:
      return { body: `\ufeff${text}` };
    case 3:
      return { body: '['.repeat(50_000) };
    case 4:
      return { body: JSON.stringify(oddValue(random)) ?? '' };
    default:
      return { body: text };
  }
}

function createHeaders(random: Random, tokens: readonly string[], hasBody: boolean): Record<string, string> {
  const maybe = (probability: number, header: Record<string, string>) => (random.chance(probability) ? header : {});
  const token = tokens[random.integer(0, tokens.length - 1)] ?? '';
  return {
    ...(hasBody && { 'content-type': random.chance(0.9) ? 'application/json' : random.pick(oddTypes) }),
    ...maybe(0.3, { authorization: `Bearer ${token}` }),
    ...maybe(0.03, { authorization: headerText(random) }),
    ...maybe(0.2, { 'idempotency-key': random.chance(0.5) ? 'key' : headerText(random) }),
    ...maybe(0.1, { accept: random.pick(['text/csv', 'application/x-ndjson', '*/*;q=0', ';;;', 'a/b'] as const) }),
    ...maybe(0.1, { 'x-ms-client-request-id': headerText(random) }),
    ...maybe(0.1, { prefer: 'respond-async' }),
    ...maybe(0.05, { 'x-forwarded-proto': headerText(random), 'x-forwarded-host': 'evil.example' }),
    ...maybe(0.05, { 'x-ms-client-principal': Buffer.from('{"claims":[{"typ":1}]}').toString('base64') }),
    ...maybe(0.05, { 'webhook-id': headerText(random), 'webhook-timestamp': '1e9', 'webhook-signature': 'v1,x' }),
    ...maybe(0.05, { 'aeg-event-type': 'SubscriptionValidation' }),
  };
}

const oddTypes = ['text/plain', 'application/json; charset=utf-16', 'application/cloudevents+json', 'x'] as const;

/** Printable Latin-1 only: no client can send other characters in a header. */
const headerText = (random: Random): string =>
  oddText(random)
    .replace(/[^\x20-\x7e]/g, '')
    .trim() || 'x';
