import * as z from 'zod/mini';
import { type InputError, RequestError } from '../errors.ts';
import { stringMatching } from '../schema.ts';
import type { CallRequest } from './call-request.ts';
import { continuationParameter, hostParameters } from './continuation.ts';
import { tenantIdOrDomain } from './input.ts';

/** What an operation takes. Parameters are text on the wire; the schemas make something of it. */
export interface InputSchemas {
  path: z.ZodMiniObject;
  query: z.ZodMiniObject;
  /** Whether what is unknown or empty in the query is overlooked. */
  allowUnknownQuery: boolean;
  body: z.ZodMiniType | undefined;
  /** The media types that the body may have. */
  bodyTypes: readonly string[];
  /** Whether the operation acts in a tenant, which the caller may name. */
  hasTenant: boolean;
  isPage: boolean;
  /** Whether the caller may give the call an `Idempotency-Key`. */
  takesIdempotencyKey: boolean;
}

export interface Input {
  path: unknown;
  query: unknown;
  body: unknown;
  tenantId: string | undefined;
  continuation: string | undefined;
  idempotencyKey: string | undefined;
}

const maxBodyBytes = 1024 * 1024;

const commonParameters = z.object({ tenantId: z.optional(tenantIdOrDomain) });
const commonHeaders = z.object({
  'Idempotency-Key': z.optional(stringMatching(/^.{1,128}$/, 'must have 1 to 128 characters')),
});

/**
 * Reads and validates all that a request brings.
 * @throws {RequestError} 400 with every mistake at once, 413 or 415.
 */
export async function readInput(schemas: InputSchemas, request: CallRequest): Promise<Input> {
  const body = schemas.body === undefined ? undefined : await readBody(request, schemas.bodyTypes);
  const errors: InputError[] = [];
  const parameters = readParameters(request, schemas.allowUnknownQuery ? [] : errors);
  const tenantId = schemas.hasTenant ? take(parameters, 'tenantId') : undefined;
  const continuation = schemas.isPage ? take(parameters, continuationParameter) : undefined;

  const input: Input = {
    path: check(schemas.path, pick(request.params, schemas.path), 'path', errors),
    query: check(
      schemas.allowUnknownQuery ? schemas.query : z.strictObject(schemas.query.shape),
      parameters,
      'query',
      errors,
    ),
    body: schemas.body === undefined || body === undefined ? undefined : checkBody(schemas.body, body, errors),
    tenantId: check(commonParameters, { tenantId }, 'query', errors)?.tenantId,
    continuation,
    idempotencyKey: check(commonHeaders, readHeaders(schemas, request), 'header', errors)?.['Idempotency-Key'],
  };
  if (errors.length === 0) return input;
  const sentence = errors.map((error) => `${error.name || error.in} ${error.detail}`).join('; ');
  throw new RequestError(400, 'InvalidRequest', `${sentence}.`, { errors });
}

function readHeaders({ takesIdempotencyKey }: InputSchemas, { headers }: CallRequest) {
  return { 'Idempotency-Key': takesIdempotencyKey ? (headers.get('idempotency-key') ?? undefined) : undefined };
}

/** The text of a body. @throws {RequestError} 413 or 415. */
export async function readBody(request: CallRequest, types: readonly string[]): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge();
  const text = await request.text();
  if (Buffer.byteLength(text) > maxBodyBytes) throw tooLarge();
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (text === '' || types.includes(mediaType ?? '')) return text;
  const wanted = types.join(' or ');
  throw new RequestError(415, 'UnsupportedMediaType', `The body must be JSON, with content-type ${wanted}.`);
}

function tooLarge(): RequestError {
  return new RequestError(413, 'RequestTooLarge', 'The body is larger than 1 MiB.');
}

/** The query without what belongs to the host. A parameter that is given more than once is a comma list. */
function readParameters(request: CallRequest, errors: InputError[]): Record<string, string> {
  // Without a prototype: __proto__ is a name like any other.
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

function pick(parameters: Record<string, string>, schema: z.ZodMiniObject): Record<string, string | undefined> {
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

function checkBody(schema: z.ZodMiniType, text: string, errors: InputError[]): unknown {
  if (text === '') {
    const detail =
      'is required as JSON, with a content-length: the Functions host drops bodies that are sent in chunks';
    errors.push({ in: 'body', name: '', detail });
    return undefined;
  }
  const value = parseJson(text);
  if (value !== undefined) return check(schema, value, 'body', errors);
  errors.push({ in: 'body', name: '', detail: 'must be valid JSON' });
  return undefined;
}

/** The value; undefined, which no JSON stands for, when the text is none. */
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
      detail: 'is not known here',
    }));
  }
  return [{ in: where, name: toName(where, issue.path), detail: toDetail(issue) }];
}

function toDetail(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  return issue.input === undefined ? 'is required' : `must be of type ${issue.expected}`;
}

/** In a body a JSON Pointer (RFC 6901), elsewhere the parameter itself: a mistake within a comma list is a mistake of the list. */
function toName(where: InputError['in'], path: readonly PropertyKey[]): string {
  if (where !== 'body') return String(path[0] ?? '');
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
