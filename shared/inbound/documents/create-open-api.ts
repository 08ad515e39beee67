import * as z from 'zod/mini';
import type { App, Endpoint } from '../request-context.ts';
import {
  acceptedHeaders,
  clientRequestIdParameter,
  idempotencyKeyParameter,
  preferParameter,
  problemResponse,
  problemSchema,
  replyHeaders,
  tenantParameter,
} from './open-api-components.ts';
import type { Json, OpenApiDocument, Operation, Parameter, Response } from './open-api-document.ts';
import { createSchemaWriter, type WriteSchema } from './schema-writer.ts';

/** The parts that do not depend on the base URL: converting the schemas takes most of the time. */
const describedApps = new WeakMap<App, Pick<OpenApiDocument, 'paths'> & { schemas: Record<string, Json> }>();

async function describeApp(app: App) {
  const schemas: Record<string, Json> = { Problem: problemSchema };
  const writeSchema = createSchemaWriter(schemas);
  const paths: OpenApiDocument['paths'] = {};
  for (const [name, endpoint] of await app.loadEndpoints()) {
    const path = `/${endpoint.route}`;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: toOperation(name, endpoint, writeSchema) };
  }
  return { paths, schemas };
}

const requirements: Record<App['callerAuthentication'], Json[]> = {
  key: [{ functionKey: [] }, { functionKey: [], accessToken: [] }],
  keyAndToken: [{ functionKey: [], accessToken: [] }],
  token: [{ accessToken: [] }],
};

/** Generates the OpenAPI 3.1 document from the declarations of the HTTP functions. */
export async function createOpenApi(app: App, baseUrl: string): Promise<OpenApiDocument> {
  const { paths, schemas } = describedApps.get(app) ?? (await describeApp(app));
  describedApps.set(app, { paths, schemas });
  return {
    openapi: '3.1.1',
    info: {
      title: 'defender-functions',
      version: app.version,
      description:
        'Microsoft Defender XDR for playbooks, webhooks and schedules. Calls run as the application, with the access token of a user on behalf of the user, and with tenantId in the tenant of a customer.',
    },
    servers: [{ url: baseUrl }],
    security: requirements[app.callerAuthentication],
    paths,
    components: {
      schemas,
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'Entra access token for this app, of a user or an application. x-required-role names the role that an operation requires.',
        },
      },
    },
  };
}

function toOperation(name: string, endpoint: Endpoint, writeSchema: WriteSchema): Operation {
  const { summary, description, body, bodyTypes, reply, authLevel, role } = endpoint;
  const toResponse = (status: number): Response => {
    if (status === 304) return { description: 'Not modified: If-None-Match names the current ETag.' };
    return {
      description: reply.description,
      headers: { ...replyHeaders, ...(status === 202 && acceptedHeaders) },
      ...toContent(status === 202 ? (reply.acceptedContents ?? reply.contents) : reply.contents, writeSchema),
    };
  };
  return {
    operationId: name,
    summary,
    ...(description !== undefined && { description }),
    ...(authLevel === 'anonymous' && { security: [] }),
    ...(role !== undefined && { 'x-required-role': typeof role === 'string' ? role : role.anyOf }),
    ...toTrigger(endpoint, writeSchema),
    parameters: [
      ...toParameters(endpoint.path, 'path', writeSchema),
      ...toParameters(endpoint.query, 'query', writeSchema),
      ...(endpoint.hasTenant ? [tenantParameter] : []),
      ...(endpoint.takesIdempotencyKey ? [idempotencyKeyParameter] : []),
      ...(endpoint.supportsRespondAsync ? [preferParameter] : []),
      clientRequestIdParameter,
    ],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: Object.fromEntries(bodyTypes.map((type) => [type, { schema: writeSchema(body, 'input') }])),
      },
    }),
    responses: {
      ...Object.fromEntries(reply.statuses.map((status) => [status, toResponse(status)])),
      default: problemResponse,
    },
  };
}

function toContent(contents: Endpoint['reply']['contents'], writeSchema: WriteSchema): Pick<Response, 'content'> {
  const written = Object.entries(contents).map(([type, schema]) => [type, { schema: writeSchema(schema, 'output') }]);
  return written.length > 0 ? { content: Object.fromEntries(written) } : {};
}

function toTrigger({ trigger, internal }: Endpoint, writeSchema: WriteSchema): Partial<Operation> {
  const content = trigger?.content;
  return {
    ...(internal && { 'x-ms-visibility': 'internal' }),
    ...(trigger && {
      'x-ms-trigger': trigger.kind === 'polling' ? 'batch' : 'single',
      'x-ms-trigger-hint': trigger.hint,
    }),
    ...(trigger?.kind === 'polling' && { 'x-ms-trigger-metadata': { kind: 'query', mode: 'polling' } }),
    ...(content && { 'x-ms-notification-content': { ...content, schema: writeSchema(content.schema, 'output') } }),
  };
}

function toParameters(schema: z.ZodMiniObject, where: 'path' | 'query', writeSchema: WriteSchema): Parameter[] {
  return Object.entries(schema.shape).map(([name, member]) => {
    const { description, ...written } = writeSchema(member, 'input');
    return {
      name,
      in: where,
      required: where === 'path' || !z.safeParse(member, undefined).success,
      ...(typeof description === 'string' && { description }),
      schema: written,
      ...(written.type === 'array' && { style: 'form' as const, explode: false }),
    };
  });
}
