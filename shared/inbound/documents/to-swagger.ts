import {
  isJson,
  type Json,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type Response,
} from './open-api-document.ts';
import { mapValues, toSwaggerSchema, toTitle } from './swagger-schema.ts';

/** Converts the OpenAPI document to Swagger 2.0, the format of custom connectors. */
export const toSwagger = (document: OpenApiDocument): Json => toPlainText(convert(document));

function convert(document: OpenApiDocument): Json {
  const base = new URL(document.servers[0]?.url ?? 'https://localhost/api');
  return {
    swagger: '2.0',
    info: document.info,
    host: base.host,
    basePath: base.pathname,
    schemes: [base.protocol.slice(0, -1)],
    consumes: ['application/json'],
    produces: ['application/json'],
    security: document.security,
    securityDefinitions: { functionKey: document.components.securitySchemes.functionKey, accessToken },
    paths: mapValues(document.paths, (item, path) => toSwaggerPath(item, path)),
    definitions: mapValues(document.components.schemas, toSwaggerSchema),
  };
}

/** Anonymous callers read this document, so it names neither tenant nor cloud. A connector overrides both. */
const accessToken = {
  type: 'oauth2',
  flow: 'accessCode',
  authorizationUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
  tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  scopes: {},
};

function toSwaggerPath(operations: Record<string, Operation>, path: string): Json {
  const contents = Object.values(operations).map((operation) => operation['x-ms-notification-content']);
  const content = contents.find((each) => each !== undefined);
  return {
    ...mapValues(operations, (operation) => toSwaggerOperation(path, operation)),
    ...(content && { 'x-ms-notification-content': { ...content, schema: toSwaggerSchema(content.schema) } }),
  };
}

function toSwaggerOperation(
  path: string,
  { requestBody, responses, parameters, 'x-ms-notification-content': _, ...operation }: Operation,
): Json {
  const body = requestBody?.content['application/json'];
  const types = Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {}));
  const isPage = 'nextLink' in ((responses['200']?.content?.['application/json']?.schema.properties ?? {}) as Json);
  return {
    ...operation,
    description: operation.description ?? `${operation.summary}.`,
    ...(isNotForWorkflows(path, operation) && { 'x-ms-visibility': 'internal' }),
    produces: [...new Set(types)],
    parameters: [
      ...parameters.map((parameter) => toSwaggerParameter(parameter, operation.operationId)),
      ...(body === undefined
        ? []
        : [{ name: 'body', in: 'body', required: true, schema: toSwaggerSchema(body.schema), 'x-ms-summary': 'Body' }]),
    ],
    responses: mapValues(responses, toSwaggerResponse),
    ...(isPage && { 'x-ms-pageable': { nextLinkName: 'nextLink' } }),
  };
}

/** Operations for people and other services, which the workflow designer hides. */
const isNotForWorkflows = (path: string, { security }: Pick<Operation, 'security'>): boolean =>
  security?.length === 0 || path.startsWith('/webhooks/');

function toSwaggerParameter({ schema, style, explode, ...parameter }: Parameter, operationId: string): Json {
  const isList = schema.type === 'array';
  return {
    ...parameter,
    ...toSwaggerSchema(schema),
    ...(isList && { collectionFormat: 'csv' }),
    'x-ms-summary': toTitle(parameter.name),
    ...toVisibility(parameter.name, parameter.in, parameter.required),
    ...toChoice(parameter.name, operationId),
  };
}

function toVisibility(name: string, where: Parameter['in'], required: boolean): Json {
  if (required) return { 'x-ms-visibility': 'important' };
  return where === 'header' || name === 'tenantId' ? { 'x-ms-visibility': 'advanced' } : {};
}

/** Lists from which the workflow designer offers the values of a parameter: the member to send and the member to show. */
const choices: Record<string, { operationId: string; value: string; title: string }> = {
  tenantId: { operationId: 'listTenants', value: 'tenantId', title: 'tenantId' },
  incidentId: { operationId: 'listIncidents', value: 'incidentId', title: 'incidentName' },
  alertId: { operationId: 'listAlerts', value: 'id', title: 'title' },
  machineId: { operationId: 'listMachines', value: 'id', title: 'computerDnsName' },
  indicatorId: { operationId: 'listIndicators', value: 'id', title: 'indicatorValue' },
};

function toChoice(name: string, operationId: string): Json {
  const choice = choices[name];
  if (choice === undefined || choice.operationId === operationId) return {};
  return {
    'x-ms-dynamic-values': {
      operationId: choice.operationId,
      'value-collection': 'value',
      'value-path': choice.value,
      'value-title': choice.title,
      // The values belong to the selected tenant.
      ...(name !== 'tenantId' && { parameters: { tenantId: { parameter: 'tenantId' } } }),
    },
  };
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

/** The designer shows descriptions as they are: without the backticks of Markdown. */
function toPlainText(object: Json): Json {
  return mapValues(object, (value, name) => {
    if (name === 'description' && typeof value === 'string') return value.replaceAll('`', '');
    if (Array.isArray(value)) return value.map((each) => (isJson(each) ? toPlainText(each) : each));
    return isJson(value) ? toPlainText(value) : value;
  });
}
