import type { HttpRequest } from '@azure/functions';
import * as z from 'zod/mini';
import { type InputError, invalidRequest } from '../errors.ts';
import { stringMatching } from '../schema.ts';
import { tenantIdOrDomain } from './input.ts';
import { toInputErrors } from './input-errors.ts';
import { continuationParameter, hostParameters } from './page-reply.ts';

/** What an operation takes. Parameters are strings on the wire; the schemas parse them. */
export interface InputSchemas {
  path: z.ZodMiniObject;
  /** Strict, unless unknown parameters are ignored. */
  query: z.ZodMiniObject;
  /** Ignores empty query parameters. */
  allowUnknownQuery: boolean;
  body: z.ZodMiniType | undefined;
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

/** A JSON body, or why it is not one. */
export type ParsedBody = { value: unknown } | { error: InputError };

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

const commonParameters = z.object({ tenantId: tenantIdOrDomain });
const commonHeaders = z.object({
  'Idempotency-Key': stringMatching(/^.{1,128}$/, 'must have 1 to 128 characters'),
});

/**
 * Reads and validates everything that a request brings.
 * @param body undefined for an operation without a body.
 * @throws {RequestError} 400 with every error at once.
 */
export function parseInput(schemas: InputSchemas, request: HttpRequest, body: ParsedBody | undefined): Input {
  const errors: InputError[] = body && 'error' in body ? [body.error] : [];
  const query = readParameters(request, schemas.allowUnknownQuery ? [] : errors);
  const raw: RawInput = {
    path: request.params,
    tenantId: schemas.hasTenant ? take(query, 'tenantId') : undefined,
    continuation: schemas.isPage ? take(query, continuationParameter) : undefined,
    query,
    body: body && 'value' in body ? body.value : undefined,
    idempotencyKey: request.headers.get('idempotency-key') ?? undefined,
  };
  return checkInput(schemas, raw, errors);
}

/**
 * Validates input.
 * @param errors errors that were found before.
 * @throws {RequestError} 400 with every error at once.
 */
export function checkInput(schemas: InputSchemas, raw: RawInput, errors: InputError[] = []): Input {
  const { path, query } = schemas;
  const key = schemas.takesIdempotencyKey ? raw.idempotencyKey : undefined;
  const input: Input = {
    path: check(path, pick(raw.path, path), 'path', errors),
    query: check(query, raw.query, 'query', errors),
    body: schemas.body === undefined ? undefined : checkBody(schemas.body, raw.body, errors),
    tenantId: checkTenantId(raw.tenantId, errors),
    continuation: raw.continuation,
    idempotencyKey: checkIdempotencyKey(key, errors),
  };
  if (errors.length > 0) throw invalidRequest(errors);
  return input;
}

function checkTenantId(tenantId: string | undefined, errors: InputError[]): string | undefined {
  return tenantId === undefined ? undefined : check(commonParameters, { tenantId }, 'query', errors)?.tenantId;
}

function checkIdempotencyKey(key: string | undefined, errors: InputError[]): string | undefined {
  const header = { 'Idempotency-Key': key };
  return key === undefined ? undefined : check(commonHeaders, header, 'header', errors)?.['Idempotency-Key'];
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
  const found = parsed.error.issues.flatMap((issue) => toInputErrors(issue, where));
  // Several values of a comma list have the same error.
  for (const error of found) if (where === 'body' || !errors.some((other) => isSame(error, other))) errors.push(error);
  return undefined;
}

const isSame = (a: InputError, b: InputError): boolean => a.name === b.name && a.detail === b.detail;

function checkBody(schema: z.ZodMiniType, body: unknown, errors: InputError[]): unknown {
  if (body !== undefined) return check(schema, body, 'body', errors);
  if (errors.every((error) => error.in !== 'body')) errors.push({ in: 'body', name: '', detail: 'is required' });
  return undefined;
}
