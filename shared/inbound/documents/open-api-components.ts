import { problemTitles } from '../problem.ts';
import type { Json, Parameter, Response } from './open-api-document.ts';

export const tenantParameter: Parameter = {
  name: 'tenantId',
  in: 'query',
  required: false,
  description: "Customer tenant: its id (GUID) or a verified domain. Default: the app's home tenant.",
  schema: { type: 'string' },
};

export const idempotencyKeyParameter: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes the call safe to retry: within 24 hours, the same request with the same key runs once and returns the stored response.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

export const preferParameter: Parameter = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description: 'respond-async: reply 202 at once; Location returns the result.',
  schema: { type: 'string', enum: ['respond-async'] },
};

export const clientRequestIdParameter: Parameter = {
  name: 'x-ms-client-request-id',
  in: 'header',
  required: false,
  description: 'Correlation id of the caller. Returned in the reply and sent to the services. Default: a generated id.',
  schema: { type: 'string', maxLength: 128 },
};

export const replyHeaders = {
  'x-ms-request-id': { description: 'Request id. The log of the call is filed under it.', schema: { type: 'string' } },
  'x-ms-client-request-id': {
    description: 'Correlation id of the caller, or a generated one.',
    schema: { type: 'string' },
  },
};

/** Headers of a 202 reply: the operation continues after it. */
export const acceptedHeaders = {
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

export const problemSchema: Json = {
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

export const problemResponse: Response = {
  description: 'Problem details',
  headers: {
    ...replyHeaders,
    'retry-after': { description: 'Seconds to wait before a retry.', schema: { type: 'integer' } },
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
