import type { HttpRequest } from '@azure/functions';
import * as z from 'zod/mini';
import { type InputError, invalidRequest, RequestError } from '../errors.ts';
import { stringMatching } from '../schema.ts';
import { continuationParameter, hostParameters } from './continuation.ts';
import { tenantIdOrDomain } from './input.ts';

/** What an operation takes. Parameters are strings on the wire; the schemas parse them. */
export interface InputSchemas {
  path: z.ZodMiniObject;
  query: z.ZodMiniObject;
  /** Ignores unknown and empty query parameters. */
  allowUnknownQuery: boolean;
  body: z.ZodMiniType | undefined;
  /** Accepted media types of the body. */
  bodyTypes: readonly string[];
  /** The operation acts in a tenant, which the caller may name. */
  hasTenant: boolean;
  isPage: boolean;
  takesIdempotencyKey: boolean;
}

/** Input before validation. */
export interface RawInput {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  /** Undefined if missing. */
  body: unknown;
  tenantId?: string | undefined;
  continuation?: string | undefined;
  idempotencyKey?: string | undefined;
}

/** Validated input. */
export interface Input {
  path: unknown;
  query: unknown;
  body: unknown;
  tenantId: string | undefined;
  continuation: string | undefined;
  idempotencyKey: string | undefined;
}

export const emptyInput: Input = {
  path: {},
  query: {},
  body: undefined,
  tenantId: undefined,
  continuation: undefined,
  idempotencyKey: undefined,
};

const maxBodyBytes = 1024 * 1024;

const commonParameters = z.object({ tenantId: z.optional(tenantIdOrDomain) });
const commonHeaders = z.object({
  'Idempotency-Key': z.optional(stringMatching(/^.{1,128}$/, 'must have 1 to 128 characters')),
});

/**
 * Reads and validates everything that a request brings.
 * @param bodyText undefined for an operation without a body.
 * @throws {RequestError} 400 with every error at once.
 */
export function parseInput(schemas: InputSchemas, request: HttpRequest, bodyText: string | undefined): Input {
  const errors: InputError[] = [];
  const query = readParameters(request, schemas.allowUnknownQuery ? [] : errors);
  const raw: RawInput = {
    path: request.params,
    tenantId: schemas.hasTenant ? take(query, 'tenantId') : undefined,
    continuation: schemas.isPage ? take(query, continuationParameter) : undefined,
    query,
    body: bodyText === undefined ? undefined : parseBody(bodyText, errors),
    idempotencyKey: request.headers.get('idempotency-key') ?? undefined,
  };
  return checkInput(schemas, raw, errors);
}

/**
 * Validates input.
 * @param errors what has been found before.
 * @throws {RequestError} 400 with every error at once.
 */
export function checkInput(schemas: InputSchemas, raw: RawInput, errors: InputError[] = []): Input {
  const { path, query, allowUnknownQuery } = schemas;
  const key = schemas.takesIdempotencyKey ? raw.idempotencyKey : undefined;
  const input: Input = {
    path: check(path, pick(raw.path, path), 'path', errors),
    query: check(allowUnknownQuery ? query : z.strictObject(query.shape), raw.query, 'query', errors),
    body: schemas.body === undefined ? undefined : checkBody(schemas.body, raw.body, errors),
    tenantId: check(commonParameters, { tenantId: raw.tenantId }, 'query', errors)?.tenantId,
    continuation: raw.continuation,
    idempotencyKey: check(commonHeaders, { 'Idempotency-Key': key }, 'header', errors)?.['Idempotency-Key'],
  };
  if (errors.length > 0) throw invalidRequest(errors);
  return input;
}

/** @throws {RequestError} 413 or 415. */
export async function readBody(request: HttpRequest, types: readonly string[]): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge();
  const text = await request.text();
  if (Buffer.byteLength(text) > maxBodyBytes) throw tooLarge();
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (text === '' || types.includes(mediaType ?? '')) return text;
  throw new RequestError(415, 'UnsupportedMediaType', `The Content-Type must be ${types.join(' or ')}.`);
}

function tooLarge(): RequestError {
  return new RequestError(413, 'RequestTooLarge', 'The body is larger than 1 MiB.');
}

/** The query without the host's own parameters. A repeated parameter becomes a comma list. */
function readParameters(request: HttpRequest, errors: InputError[]): Record<string, string> {
  // No prototype: __proto__ is a name like any other.
  const parameters: Record<string, string> = Object.create(null);
  for (const name of new Set(request.query.keys())) {
    if (hostParameters.includes(name)) continue;
    const value = request.query.getAll(name).join(',').trim();
    if (value === '') errors.push({ in: 'query', name, detail: 'must not be empty' });
    else parameters[name] = value;
  }
  return parameters;
}

function take(parameters: Record<string, string>, name: string): string | undefined {
  const value = parameters[name];
  delete parameters[name];
  return value;
}

function pick(parameters: Record<string, unknown>, schema: z.ZodMiniObject): Record<string, unknown> {
  return Object.fromEntries(Object.keys(schema.shape).map((name) => [name, parameters[name]]));
}

function check<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  where: InputError['in'],
  errors: InputError[],
): T | undefined {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  errors.push(...parsed.error.issues.flatMap((issue) => toInputErrors(issue, where)));
  return undefined;
}

function checkBody(schema: z.ZodMiniType, body: unknown, errors: InputError[]): unknown {
  if (body !== undefined) return check(schema, body, 'body', errors);
  if (errors.every((error) => error.in !== 'body')) errors.push({ in: 'body', name: '', detail: 'is required' });
  return undefined;
}

function parseBody(text: string, errors: InputError[]): unknown {
  const body = text === '' ? undefined : parseJson(text);
  if (body !== undefined) return body;
  const missing = 'is required, with a Content-Length: the Functions host drops chunked bodies';
  errors.push({ in: 'body', name: '', detail: text === '' ? missing : 'must be valid JSON' });
  return undefined;
}

/** Undefined, which is not a JSON value, for invalid JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toInputErrors(issue: z.core.$ZodIssue, where: InputError['in']): InputError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      in: where,
      name: toName(where, [...issue.path, key]),
      detail: where === 'body' ? 'unknown member' : 'unknown parameter',
    }));
  }
  return [{ in: where, name: toName(where, issue.path), detail: toDetail(issue) }];
}

function toDetail(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  return issue.input === undefined ? 'is required' : `must be of type ${issue.expected}`;
}

/** A JSON Pointer (RFC 6901) in a body, otherwise the parameter: an error within a comma list is an error of the list. */
function toName(where: InputError['in'], path: readonly PropertyKey[]): string {
  if (where !== 'body') return String(path[0] ?? '');
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
