import * as z from 'zod/mini';
import type { App, Endpoint } from '../app.ts';
import { problemTitles } from '../problem.ts';
import type { Json, OpenApiDocument, Operation, Parameter, Response } from './open-api-document.ts';
import { createSchemaWriter, type WriteSchema } from './schema-writer.ts';

/** Describes every HTTP function from its declaration, as OpenAPI 3.1. */
export function createOpenApi(app: App, baseUrl: string): OpenApiDocument {
  const schemas: Record<string, Json> = { Problem: problemSchema };
  const writeSchema = createSchemaWriter(schemas);
  const paths: OpenApiDocument['paths'] = {};
  for (const [name, endpoint] of app.endpoints) {
    const path = `/${endpoint.route}`;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: toOperation(name, endpoint, writeSchema) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'defender-functions',
      version: app.version,
      description:
        "Microsoft Defender XDR for playbooks, webhooks and schedules. A call with the function key alone is asked as the application; with a user's token on behalf of that user; with tenantId in a customer's tenant.",
    },
    servers: [{ url: baseUrl }],
    security: [{ functionKey: [] }, { functionKey: [], userToken: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
        userToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: "A user's token for this app: what is asked of Defender is then asked on behalf of that user",
        },
      },
    },
  };
}

function toOperation(name: string, endpoint: Endpoint, writeSchema: WriteSchema): Operation {
  const { summary, description, body, bodyTypes, reply, authLevel } = endpoint;
  const toResponse = (status: number) => ({
    description: reply.description,
    headers: { ...replyHeaders, ...(status === 202 && workHeaders) },
    ...toContent(status === 202 ? (reply.acceptedContents ?? reply.contents) : reply.contents, writeSchema),
  });
  return {
    operationId: name,
    summary,
    ...(description !== undefined && { description }),
    ...(authLevel === 'anonymous' && { security: [] }),
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

const tenantParameter: Parameter = {
  name: 'tenantId',
  in: 'query',
  required: false,
  description: "The customer tenant to act in, by id or verified domain; the app's home tenant without it",
  schema: { type: 'string' },
};

const idempotencyKeyParameter: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes the call safe to repeat: the same call with the same key is carried out once a day, and answered the same',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

const preferParameter: Parameter = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description: 'With respond-async the work is accepted (202), and its result is had at Location',
  schema: { type: 'string', enum: ['respond-async'] },
};

const clientRequestIdParameter: Parameter = {
  name: 'x-ms-client-request-id',
  in: 'header',
  required: false,
  description: "The caller's own id of this call: echoed, and sent on to the services behind",
  schema: { type: 'string', maxLength: 128 },
};

const replyHeaders = {
  'x-ms-request-id': { description: 'The id of this call, by which its log is found', schema: { type: 'string' } },
  'x-ms-client-request-id': {
    description: "The caller's own id of this call, or one made for it",
    schema: { type: 'string' },
  },
};

/** Of what goes on when the reply is out. */
const workHeaders = {
  location: { description: 'Where to ask how it went, with the same key', schema: { type: 'string' } },
  'retry-after': { description: 'After how many seconds to ask', schema: { type: 'integer' } },
};

const inputErrorSchema = {
  type: 'object',
  required: ['in', 'name', 'detail'],
  properties: {
    in: { type: 'string', enum: ['query', 'path', 'body', 'header', 'setting'] },
    name: { type: 'string', description: 'The parameter or setting; in a body a JSON Pointer' },
    detail: { type: 'string' },
  },
};

const upstreamSchema = {
  type: 'object',
  required: ['service'],
  properties: {
    service: { type: 'string', enum: ['entra', 'keyVault', 'managedIdentity', 'defender', 'graph', 'storage'] },
    status: { type: 'integer' },
    code: { type: 'string', description: 'As in AADSTS7000222' },
    requestId: { type: 'string' },
  },
};

const problemSchema: Json = {
  type: 'object',
  description: 'What went wrong (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'For people' },
    code: { type: 'string', description: 'For programs: stable', enum: Object.keys(problemTitles) },
    requestId: { type: 'string' },
    nextStep: { type: 'string', description: 'What an administrator can do about it' },
    errors: { type: 'array', description: 'Every invalid input', items: inputErrorSchema },
    upstream: upstreamSchema,
  },
};

const problemResponse = {
  description: 'What went wrong, and what can be done about it',
  headers: {
    ...replyHeaders,
    'retry-after': { description: 'After how many seconds it is worth trying again', schema: { type: 'integer' } },
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
