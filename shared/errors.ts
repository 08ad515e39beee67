/** One thing wrong with what was given, as the problem reply's `errors` lists it. */
export interface InputError {
  in: 'query' | 'path' | 'body' | 'header' | 'setting';
  /** The parameter, header or setting; in a body a JSON Pointer. */
  name: string;
  detail: string;
}

/** Settings are missing or wrong: for whoever deploys. Names settings, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly errors: InputError[];

  constructor(errors: InputError[]) {
    super(`Invalid settings: ${errors.map((error) => error.name).join(', ')}`);
    this.errors = errors;
  }
}

export type UpstreamService = 'entra' | 'keyVault' | 'managedIdentity' | 'defender' | 'graph' | 'storage';

/** What a service behind us said, as far as a caller may know it. */
export interface UpstreamAnswer {
  service: UpstreamService;
  status?: number | undefined;
  code?: string | undefined;
  requestId?: string | undefined;
}

interface RequestErrorOptions {
  errors?: InputError[] | undefined;
  headers?: Record<string, string>;
  nextStep?: string | undefined;
  upstream?: UpstreamAnswer | undefined;
  cause?: unknown;
}

/** The call cannot be served as it was made: for the caller, who gets all of it. */
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
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.nextStep = options.nextStep;
    this.upstream = options.upstream;
  }
}

/** 400 for input that fails its schema or depends on settings. */
export function invalidRequest(errors: InputError[], options: { nextStep?: string } = {}): RequestError {
  const detail = errors.map((error) => `${error.name || error.in}: ${error.detail}`).join('; ');
  return new RequestError(400, 'InvalidRequest', `${detail}.`, { errors, ...options });
}

/**
 * How a service behind us failed: `connection` (nothing came back), `timeout` (nothing in time), `refused` (it answered
 * with an error), `malformed` (it answered something that its contract does not know).
 */
export type UpstreamFailure = 'connection' | 'timeout' | 'refused' | 'malformed';

interface UpstreamErrorOptions extends UpstreamAnswer {
  failure: UpstreamFailure;
  /** How long the service asks to be left alone, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** What an administrator can do about it. */
  nextStep?: string | undefined;
  cause?: unknown;
}

/** A service behind us failed: for us, or for nobody. Holds no request, header or body, so that logging it is safe. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: UpstreamAnswer;
  readonly failure: UpstreamFailure;
  readonly retryAfterMs: number | undefined;
  readonly nextStep: string | undefined;

  constructor(detail: string, options: UpstreamErrorOptions) {
    super(detail, { cause: options.cause });
    this.upstream = {
      service: options.service,
      status: options.status,
      code: options.code,
      requestId: options.requestId,
    };
    this.failure = options.failure;
    this.retryAfterMs = options.retryAfterMs;
    this.nextStep = options.nextStep;
  }
}
