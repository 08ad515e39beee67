import type { InputError, UpstreamAnswer, UpstreamService } from '../errors.ts';
import { ConfigError, RequestError, UpstreamError } from '../errors.ts';
import type { Reply } from './reply.ts';

/** RFC 9457, with extension members. */
interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  upstream?: UpstreamAnswer | undefined;
  errors?: InputError[] | undefined;
  nextStep?: string | undefined;
}

/** Titles by code. Codes are stable: callers may depend on them. */
export const problemTitles = {
  InvalidRequest: 'Invalid request',
  InvalidQuery: 'Query rejected',
  RejectedByDefender: 'Change rejected by Defender',
  ActionNotAllowed: 'Action not allowed',
  ActionAlreadyRunning: 'Machine action already running',
  ContextNotSupported: 'Operation not supported with the configured credential',
  TenantNotAllowed: 'Tenant not allowed',
  TokenRequired: 'Access token required',
  MissingRole: 'Missing role',
  InvalidUserToken: 'Invalid access token',
  InteractionRequired: 'User interaction required',
  InvalidSignature: 'Invalid signature',
  ReadOnly: 'Read-only mode',
  MissingPermission: 'Missing permission',
  AccessDenied: 'Access denied by Defender',
  ConsentRequired: 'Consent required',
  TenantFixed: 'Tenant configured in settings',
  LimitReached: 'Limit reached',
  OperationInProgress: 'Operation in progress',
  IdempotencyKeyReused: 'Idempotency key reused',
  NotFound: 'Not found',
  NotAcceptable: 'Not acceptable',
  RequestTooLarge: 'Request too large',
  UnsupportedMediaType: 'Unsupported media type',
  Throttled: 'Too many requests',
  UpstreamFailed: 'Upstream service failed',
  CredentialUnavailable: 'Could not acquire an access token',
  UpstreamTimeout: 'Upstream service timed out',
  InvalidConfiguration: 'Invalid configuration',
  InternalError: 'Internal error',
} as const;

/** Any error that is not raised on purpose is a bug: its reply contains nothing but the request id. */
export function toProblemReply(error: unknown, requestId: string, audience: Audience = {}): Reply & { status: number } {
  const { headers, ...described } = describeFor(audience, error);
  const problem: Problem = {
    type: `urn:problem-type:defender-functions:${described.code}`,
    title: isKnown(described.code) ? problemTitles[described.code] : described.code,
    requestId,
    ...described,
  };
  return {
    status: described.status,
    ...(headers && { headers }),
    contentType: 'application/problem+json; charset=utf-8',
    body: JSON.stringify(problem),
  };
}

interface Audience {
  /** Anonymous callers do not learn which settings are missing or invalid. */
  isAnonymous?: boolean;
  /** Before a caller is authenticated, it does not learn the names of resources either, such as those of a vault. */
  isUnauthenticated?: boolean;
}

function describeFor({ isAnonymous = false, isUnauthenticated = false }: Audience, error: unknown): Described {
  const { status, code, headers, upstream } = describe(error);
  if (isAnonymous && error instanceof ConfigError) {
    return { status, code, detail: 'The app is not configured correctly.' };
  }
  if (isUnauthenticated && error instanceof UpstreamError) {
    return { status, code, headers, upstream, detail: 'The message could not be verified.' };
  }
  return describe(error);
}

/** The problem code of an error. */
export const codeOf = (error: unknown): string => describe(error).code;

const isKnown = (code: string): code is keyof typeof problemTitles => Object.hasOwn(problemTitles, code);

type Described = Omit<Problem, 'type' | 'title' | 'requestId'> & { headers?: Record<string, string> | undefined };

function describe(error: unknown): Described {
  if (error instanceof RequestError) {
    const { status, code, message: detail, errors, headers, nextStep, upstream } = error;
    return { status, detail, code, upstream, errors, nextStep, headers };
  }
  if (error instanceof UpstreamError) return describeUpstream(error);
  if (error instanceof ConfigError) {
    const detail = 'Application settings are missing or invalid; errors lists them.';
    const nextStep = 'Correct the application settings. The app restarts when they are saved.';
    return { status: 500, code: 'InvalidConfiguration', detail, errors: error.errors, nextStep };
  }
  return {
    status: 500,
    code: 'InternalError',
    detail: 'An unexpected error occurred. The log contains it under the request id.',
  };
}

const tokenServices: ReadonlySet<UpstreamService> = new Set<UpstreamService>(['managedIdentity', 'keyVault', 'entra']);

function describeUpstream(error: UpstreamError): Described {
  const { upstream, message: detail, failure, nextStep, retryAfterMs } = error;
  const headers =
    retryAfterMs === undefined ? undefined : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
  if (tokenServices.has(upstream.service)) {
    return { status: 503, code: 'CredentialUnavailable', detail, upstream, nextStep, headers };
  }
  if (failure === 'timeout' || upstream.status === 408) {
    return { status: 504, code: 'UpstreamTimeout', detail, upstream, nextStep, headers };
  }
  return { status: 502, code: 'UpstreamFailed', detail, upstream, nextStep, headers };
}
