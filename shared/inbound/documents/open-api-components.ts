import { problemTitles } from '../problem.ts';
import type { Json, Parameter, Response } from './open-api-document.ts';

export const tenantParameter: Parameter = {
  name: 'tenantId',
  in: 'query',
  required: false,
  description: "Customer tenant, by ID or verified domain. Default: the app's home tenant.",
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
  description: 'respond-async: reply 202 at once. Location returns the result.',
  schema: { type: 'string', enum: ['respond-async'] },
};

export const clientRequestIdParameter: Parameter = {
  name: 'x-ms-client-request-id',
  in: 'header',
  required: false,
  description: 'Correlation ID, returned in the reply and sent to the services. Default: a generated one.',
  schema: { type: 'string', maxLength: 128 },
};

export const replyHeaders = {
  'x-ms-request-id': { description: 'Request ID, under which the call is logged', schema: { type: 'string' } },
  'x-ms-client-request-id': {
    description: 'Correlation ID of the request, or a generated one',
    schema: { type: 'string' },
  },
};

/** Headers of a 202 reply: the operation continues after it. */
export const acceptedHeaders = {
  location: { description: 'Status URL. Takes the same function key.', schema: { type: 'string' } },
  'retry-after': { description: 'Seconds to wait before the status URL is called', schema: { type: 'integer' } },
};

const inputErrorSchema = {
  type: 'object',
  required: ['in', 'name', 'detail'],
  properties: {
    in: { type: 'string', enum: ['query', 'path', 'body', 'header', 'setting'], description: 'Place of the input' },
    name: { type: 'string', description: 'Parameter, header or setting; in a body, a JSON Pointer' },
    detail: { type: 'string', description: 'Reason why the value is invalid' },
  },
};

const upstreamSchema = {
  type: 'object',
  required: ['service'],
  properties: {
    service: {
      type: 'string',
      enum: ['entra', 'keyVault', 'managedIdentity', 'defender', 'graph', 'storage'],
      description: 'Service that failed',
    },
    status: { type: 'integer', description: 'HTTP status of the service. Absent without a response.' },
    code: { type: 'string', description: 'Error code of the service, such as AADSTS7000222' },
    requestId: { type: 'string', description: 'Request ID of the service' },
  },
};

export const problemSchema: Json = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', description: 'URN of the code' },
    title: { type: 'string', description: 'Short description of the code' },
    status: { type: 'integer', description: 'HTTP status' },
    detail: { type: 'string', description: 'Explanation for a person' },
    code: { type: 'string', description: 'Stable error code', enum: Object.keys(problemTitles) },
    requestId: { type: 'string', description: 'Request ID, equal to x-ms-request-id' },
    nextStep: { type: 'string', description: 'What an administrator can do' },
    errors: { type: 'array', description: 'Invalid inputs, at most 50', items: inputErrorSchema },
    upstream: { ...upstreamSchema, description: 'Failed call to a service' },
  },
};

export const problemResponse: Response = {
  description: 'Problem details',
  headers: {
    ...replyHeaders,
    'retry-after': { description: 'Seconds to wait before a retry', schema: { type: 'integer' } },
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
