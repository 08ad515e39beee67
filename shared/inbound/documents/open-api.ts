import * as z from 'zod/mini';
import type { App, Endpoint } from '../app.ts';
import { problemTitles } from '../problem.ts';
import type { Json, OpenApiDocument, Operation, Parameter, Response } from './open-api-document.ts';
import { createSchemaWriter, type WriteSchema } from './schema-writer.ts';

/** Generates the OpenAPI 3.1 document from the declarations of the HTTP functions. */
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
        "Microsoft Defender XDR for playbooks, webhooks and schedules. A call with only a function key runs in application context, with a user's access token in user context (on-behalf-of), and with tenantId in a customer's tenant.",
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
          description: "A user's access token for this app. Defender is then called on behalf of the user.",
        },
      },
    },
  };
}

function toOperation(name: string, endpoint: Endpoint, writeSchema: WriteSchema): Operation {
  const { summary, description, body, bodyTypes, reply, authLevel } = endpoint;
  const toResponse = (status: number) => ({
    description: reply.description,
    headers: { ...replyHeaders, ...(status === 202 && acceptedHeaders) },
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
  description: "Customer tenant: its id (GUID) or a verified domain. Default: the app's home tenant.",
  schema: { type: 'string' },
};

const idempotencyKeyParameter: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes the call safe to retry: within 24 hours, the same request with the same key runs once and returns the stored response.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

const preferParameter: Parameter = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description: 'respond-async: reply 202 at once; Location returns the result.',
  schema: { type: 'string', enum: ['respond-async'] },
};

const clientRequestIdParameter: Parameter = {
  name: 'x-ms-client-request-id',
  in: 'header',
  required: false,
  description: 'Correlation id of the caller. Returned in the reply and sent to the services. Default: a generated id.',
  schema: { type: 'string', maxLength: 128 },
};

const replyHeaders = {
  'x-ms-request-id': { description: 'Request id. The log of the call is filed under it.', schema: { type: 'string' } },
  'x-ms-client-request-id': {
    description: 'Correlation id of the caller, or a generated one.',
    schema: { type: 'string' },
  },
};

/** Headers of a 202 reply: the operation continues after it. */
const acceptedHeaders = {
  location: { description: 'Status URL. Takes the same function key.', schema: { type: 'string' } },
  'retry-after': { description: 'Seconds to wait before the status URL is called.', schema: { type: 'integer' } },
};

const inputErrorSchema = {
  type: 'object',
  required: ['in', 'name', 'detail'],
  properties: {
    in: { type: 'string', enum: ['query', 'path', 'body', 'header', 'setting'] },
    name: { type: 'string', description: 'Parameter, header or setting; in a body, a JSON Pointer.' },
    detail: { type: 'string', description: 'Reason why the value is invalid.' },
  },
};

const upstreamSchema = {
  type: 'object',
  required: ['service'],
  properties: {
    service: { type: 'string', enum: ['entra', 'keyVault', 'managedIdentity', 'defender', 'graph', 'storage'] },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Error code of the service, such as AADSTS7000222.' },
    requestId: { type: 'string' },
  },
};

const problemSchema: Json = {
  type: 'object',
  description: 'Problem details (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'Explanation for a person.' },
    code: { type: 'string', description: 'Stable error code.', enum: Object.keys(problemTitles) },
    requestId: { type: 'string' },
    nextStep: { type: 'string', description: 'Step with which an administrator can fix the problem.' },
    errors: { type: 'array', description: 'Every invalid input of the request, at most 50.', items: inputErrorSchema },
    upstream: upstreamSchema,
  },
};

const problemResponse = {
  description: 'Problem details.',
  headers: {
    ...replyHeaders,
    'retry-after': { description: 'Seconds to wait before a retry.', schema: { type: 'integer' } },
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
