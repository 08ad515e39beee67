import { existsSync, readFileSync } from 'node:fs';
import { surface } from '../../functions/surface.ts';
import type { OpenApiDocument, Operation, Parameter } from '../../shared/inbound/documents/open-api-document.ts';
import { openApi } from '../unit/inbound/documents/api-documents.ts';
import { code, page, paragraph, table } from './markdown.ts';
import { listedEntity, membersTable, rowOf, rowsOf, typeOf } from './schema-table.ts';

const root = new URL('../../', import.meta.url);

/** Capability folders of `functions/`, with the titles of their sections. */
const capabilities: Readonly<Record<string, string>> = {
  incidents: 'Incidents',
  alerts: 'Alerts',
  hunting: 'Hunting',
  machines: 'Machines',
  indicators: 'Indicators',
  subscriptions: 'Subscriptions',
  tenants: 'Tenants',
  callers: 'Callers',
  commands: 'Commands',
  operations: 'Operations of the app',
  documents: 'Documents',
};

/** Parameters that every operation has, or that the rules at the top of the page describe. */
const common = ['tenantId', 'x-ms-client-request-id', 'Idempotency-Key', 'Prefer'];

const isCommon = ({ name, in: place }: Parameter): boolean => place !== 'path' && common.includes(name);

interface Located {
  path: string;
  method: string;
  operation: Operation;
}

/** The Markdown of docs/api.md. */
export function createApiPage(document: OpenApiDocument = openApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = Object.entries(capabilities).flatMap(([folder, title]) => {
    const own = operations.filter(({ operation }) => isIn(folder, operation.operationId));
    return [`## ${title}`, overview(own), ...own.flatMap(describeOperation)];
  });
  const entities = Object.entries(document.components.schemas).flatMap(([name, schema]) => [
    `### ${name}`,
    typeof schema.description === 'string' ? paragraph(schema.description) : '',
    membersTable(schema),
  ]);
  const rules = readFileSync(new URL('api-rules.md', import.meta.url), 'utf8').trim();
  return page(rules, ...sections, '## Timers and queues', jobs(), '## Entities', ...entities);
}

const isIn = (folder: string, name: string): boolean =>
  existsSync(new URL(`functions/${folder}/${toKebab(name)}.ts`, root));

const toKebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const callOf = ({ path, method }: Located): string => `${method.toUpperCase()} /api${path}`;

function overview(operations: readonly Located[]): string {
  return table(
    ['operation', 'call', 'summary'],
    operations.map((each) => [
      `[${each.operation.operationId}](#${each.operation.operationId.toLowerCase()})`,
      code(callOf(each)),
      each.operation.summary,
    ]),
  );
}

function describeOperation(located: Located): string[] {
  const { operationId, summary, description, security, parameters, requestBody, responses } = located.operation;
  const roles = [located.operation['x-required-role'] ?? []].flat();
  const own = parameters.filter(({ name }) => !common.includes(name));
  const [[type = '', body] = []] = Object.entries(requestBody?.content ?? {});
  const hints = [
    ...(security?.length === 0 ? ['No function key required.'] : []),
    ...(roles.length > 0 ? [`Role: ${roles.map(code).join(', ')}.`] : []),
    ...parameters
      .filter((each) => isCommon(each) && each.name !== 'x-ms-client-request-id')
      .map(({ name }) => `Accepts ${code(name)}.`),
  ];
  return [
    `### ${operationId}`,
    paragraph(`${code(callOf(located))}: ${summary}. ${description ?? ''} ${hints.join(' ')}`.trim()),
    table(
      ['parameter', 'type', 'description'],
      own.map(({ name, in: place, required, description, schema }) => {
        const [title = '', kind = '', text = ''] = rowOf(name, { ...schema, description }, required);
        return [title, place === 'query' ? kind : `${kind}; ${place}`, text];
      }),
    ),
    ...(body === undefined ? [] : [`Body (${code(type)}):`, membersOrType(body.schema)]),
    table(['status', 'reply', 'description'], Object.entries(responses).map(describeResponse)),
    ...describeReplyBody(responses),
  ];
}

/** The members of a JSON reply that is neither an entity nor a list. */
function describeReplyBody(responses: Operation['responses']): string[] {
  const [, { content = {} }] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? ['', {}];
  const schema = content['application/json']?.schema;
  if (schema === undefined || listedEntity(schema)?.$ref !== undefined || rowsOf(schema).length === 0) return [];
  return ['Reply (`application/json`):', membersTable(schema)];
}

const membersOrType = (schema: Parameters<typeof typeOf>[0]): string =>
  rowsOf(schema).length > 0 ? membersTable(schema) : `${typeOf(schema)}.`;

function describeResponse([status, { description, content = {} }]: [string, Operation['responses'][string]]): string[] {
  const types = Object.entries(content).map(([type, { schema }]) =>
    type === 'application/json' ? typeOf(schema) : type === 'application/problem+json' ? typeOf(schema) : code(type),
  );
  return [status === 'default' ? 'error' : status, types.join(', '), description];
}

function jobs(): string {
  return table(
    ['function', 'trigger', 'summary'],
    Object.entries(surface).flatMap(([name, declared]) => {
      if (declared.kind === 'job')
        return [[code(name), `timer ${code(declared.schedule.defaultValue)}`, declared.summary]];
      return declared.kind === 'queueJob' ? [[code(name), `queue ${code(declared.queue)}`, declared.summary]] : [];
    }),
  );
}
