/** An invalid input, as the `errors` of a problem list it. */
export interface InputError {
  in: 'query' | 'path' | 'body' | 'header' | 'setting';
  /** The parameter, header or setting; in a body a JSON Pointer. */
  name: string;
  detail: string;
}

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Settings are missing or invalid. For the person who deploys; names settings, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly errors: InputError[];

  constructor(errors: InputError[]) {
    super(`Invalid settings: ${errors.map((error) => error.name).join(', ')}`);
    this.errors = errors;
  }
}

export type UpstreamService = 'entra' | 'keyVault' | 'managedIdentity' | 'defender' | 'graph' | 'storage';

/** The part of a service's response that a caller may see. */
export interface UpstreamAnswer {
  service: UpstreamService;
  status?: number | undefined;
  code?: string | undefined;
  requestId?: string | undefined;
}

/** Codes and ids come from a service: without line breaks and other characters that could forge a log line. */
function sanitize({ service, status, code, requestId }: UpstreamAnswer): UpstreamAnswer {
  const toToken = (text: string | undefined) => text?.replace(/[^!-~]/g, '').slice(0, maxTokenLength) || undefined;
  return { service, status, code: toToken(code), requestId: toToken(requestId) };
}

const maxTokenLength = 128;

interface RequestErrorOptions {
  /** The first 50 are reported. */
  errors?: readonly InputError[] | undefined;
  headers?: Record<string, string>;
  nextStep?: string | undefined;
  upstream?: UpstreamAnswer | undefined;
  cause?: unknown;
}

const maxErrors = 50;
const maxErrorsInDetail = 10;
const maxNameLength = 200;

/** Names of members are the caller's and have any length. */
const shorten = (error: InputError): InputError =>
  error.name.length <= maxNameLength ? error : { ...error, name: `${error.name.slice(0, maxNameLength)}…` };

/** The request cannot be served. For the caller, who receives all of its members. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  readonly code: string;
  readonly errors: InputError[] | undefined;
  readonly headers: Record<string, string>;
  readonly nextStep: string | undefined;
  readonly upstream: UpstreamAnswer | undefined;

  constructor(status: number, code: string, detail: string, options: RequestErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.errors = options.errors?.slice(0, maxErrors).map(shorten);
    this.headers = options.headers ?? {};
    this.nextStep = options.nextStep;
    this.upstream = options.upstream && sanitize(options.upstream);
  }
}

/** 400 for input that fails its schema or depends on settings. */
export function invalidRequest(errors: readonly InputError[], options: { nextStep?: string } = {}): RequestError {
  const first = errors.slice(0, maxErrorsInDetail).map(shorten);
  const sentences = first.map((error) => `${error.name || error.in}: ${error.detail}`);
  if (errors.length > first.length) sentences.push(`${errors.length} errors in total`);
  return new RequestError(400, 'InvalidRequest', `${sentences.join('; ')}.`, { errors, ...options });
}

/** `connection`: no response · `timeout`: no response in time · `refused`: an error response · `malformed`: a response outside the contract. */
export type UpstreamFailure = 'connection' | 'timeout' | 'refused' | 'malformed';

interface UpstreamErrorOptions extends UpstreamAnswer {
  failure: UpstreamFailure;
  /** Whether no connection was made, so that the service cannot have acted. */
  isUnsent?: boolean;
  /** How long the service asks clients to wait. */
  retryAfterMs?: number | undefined;
  /** What an administrator can do. */
  nextStep?: string | undefined;
  cause?: unknown;
}

/** A service failed. For the operator. Contains no request, header or body, so that it is safe to log. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: UpstreamAnswer;
  readonly failure: UpstreamFailure;
  readonly isUnsent: boolean;
  readonly retryAfterMs: number | undefined;
  readonly nextStep: string | undefined;

  constructor(detail: string, options: UpstreamErrorOptions) {
    super(detail, { cause: options.cause });
    this.upstream = sanitize(options);
    this.failure = options.failure;
    this.isUnsent = options.isUnsent ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.nextStep = options.nextStep;
  }
}

/** A failure (`cause`) while a caller was authenticated. Its reply names neither settings nor resources; its log line does. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';

  constructor(cause: unknown) {
    super('The caller could not be authenticated', { cause });
  }
}
