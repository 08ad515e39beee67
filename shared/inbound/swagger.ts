import {
  isJson,
  type Json,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type Response,
} from './open-api-document.ts';

/** The same description as Swagger 2.0, which custom connectors take, with what its older JSON Schema cannot say left out. */
export function toSwagger(document: OpenApiDocument): Json {
  const base = new URL(document.servers[0]?.url ?? 'https://localhost/api');
  return {
    swagger: '2.0',
    info: document.info,
    host: base.host,
    basePath: base.pathname,
    schemes: [base.protocol.slice(0, -1)],
    consumes: ['application/json'],
    produces: ['application/json'],
    security: [{ functionKey: [] }],
    securityDefinitions: { functionKey: document.components.securitySchemes.functionKey },
    paths: mapValues(document.paths, (operations) => mapValues(operations, toSwaggerOperation)),
    definitions: mapValues(document.components.schemas, toSwaggerSchema),
  };
}

function toSwaggerOperation({ requestBody, responses, parameters, ...operation }: Operation): Json {
  const body = requestBody?.content['application/json'];
  const types = Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {}));
  const isPage = 'nextLink' in ((responses['200']?.content?.['application/json']?.schema.properties ?? {}) as Json);
  return {
    ...operation,
    produces: [...new Set(types)],
    parameters: [
      ...parameters.map(toSwaggerParameter),
      ...(body === undefined
        ? []
        : [{ name: 'body', in: 'body', required: true, schema: toSwaggerSchema(body.schema) }]),
    ],
    responses: mapValues(responses, toSwaggerResponse),
    ...(isPage && { 'x-ms-pageable': { nextLinkName: 'nextLink' } }),
  };
}

function toSwaggerParameter({ schema, style, explode, ...parameter }: Parameter): Json {
  const isList = schema.type === 'array';
  return {
    ...parameter,
    ...toSwaggerSchema(schema),
    ...(isList && { collectionFormat: 'csv' }),
    'x-ms-summary': toTitle(parameter.name),
    ...toVisibility(parameter.name, parameter.in, parameter.required),
  };
}

/** `updatedSince` as `Updated since`. */
function toTitle(name: string): string {
  const words = name
    .replace(/^x-ms-/, '')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .split('-');
  const [first = '', ...others] = words;
  return [first.charAt(0).toUpperCase() + first.slice(1), ...others].join(' ');
}

function toVisibility(name: string, where: Parameter['in'], required: boolean): Json {
  if (required) return { 'x-ms-visibility': 'important' };
  return where === 'header' || name === 'tenantId' ? { 'x-ms-visibility': 'advanced' } : {};
}

function toSwaggerResponse({ description, headers, content }: Response): Json {
  const schema = content?.['application/json']?.schema ?? content?.['application/problem+json']?.schema;
  return {
    description,
    ...(headers && {
      headers: mapValues(headers, (header) => ({ description: header.description, ...header.schema })),
    }),
    ...(schema && { schema: toSwaggerSchema(schema) }),
  };
}

/** JSON Schema 2020-12 to the subset of draft 4 that Swagger 2.0 has. */
function toSwaggerSchema(schema: Json): Json {
  const { anyOf, oneOf, examples, $ref, ...members } = schema;
  if (typeof $ref === 'string') return { $ref: $ref.replace('#/components/schemas/', '#/definitions/') };

  const alternatives = [anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : [])).filter(isJson);
  const notNull = alternatives.filter(({ type }) => type !== 'null');
  const nullable = notNull.length < alternatives.length && { 'x-nullable': true };
  // Swagger 2.0 has no alternatives: where there is more than one, it can only say that anything goes.
  const only = notNull.length === 1 && notNull[0] !== undefined ? toSwaggerSchema(notNull[0]) : {};
  const { type } = members;
  if (!Array.isArray(type)) return { ...only, ...mapMembers(members), ...nullable };
  const rest = mapMembers({ ...members, type: type.find((name) => name !== 'null') });
  return { ...rest, ...(type.includes('null') && { 'x-nullable': true }) };
}

function mapMembers({ const: constant, properties, items, additionalProperties, propertyNames, ...rest }: Json): Json {
  return {
    ...rest,
    ...(constant !== undefined && { enum: [constant] }),
    ...(isJson(properties) && { properties: mapValues(properties as Record<string, Json>, toSwaggerSchema) }),
    ...(isJson(items) && { items: toSwaggerSchema(items) }),
    ...(isJson(additionalProperties) && { additionalProperties: toSwaggerSchema(additionalProperties) }),
    ...(typeof additionalProperties === 'boolean' && { additionalProperties }),
  };
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
