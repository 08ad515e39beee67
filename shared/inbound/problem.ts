import type { InputError, UpstreamAnswer, UpstreamService } from '../errors.ts';
import { ConfigError, RequestError, UpstreamError } from '../errors.ts';
import type { Reply } from './reply.ts';

/** RFC 9457, with the members of http-api.md. */
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

/** Every code with its title: the stable vocabulary of our refusals. */
export const problemTitles = {
  InvalidRequest: 'The request is not valid',
  InvalidQuery: 'Defender rejected the query',
  RejectedByDefender: 'Defender refused the change',
  ActionNotAllowed: 'The machine action is not allowed',
  ActionAlreadyRunning: 'The machine action is running already',
  ContextNotSupported: 'The credential does not serve this context',
  TenantNotAllowed: 'The tenant is not served',
  InvalidUserToken: "The user's token cannot be used",
  InteractionRequired: 'The user has to sign in again',
  ReadOnly: 'The app is read-only',
  MissingPermission: 'The application lacks a permission',
  AccessDenied: 'Defender denied access',
  ConsentRequired: 'The tenant has not consented',
  TenantFixed: 'The settings name the tenant',
  OperationInProgress: 'The same call is being carried out',
  IdempotencyKeyReused: 'The key stands for another request',
  NotFound: 'Not found',
  NotAcceptable: 'No acceptable format',
  RequestTooLarge: 'The request is too large',
  UnsupportedMediaType: 'The body is not JSON',
  Throttled: 'Too many requests',
  UpstreamFailed: 'A service behind the app failed',
  CredentialUnavailable: 'No token can be had',
  UpstreamTimeout: 'A service behind the app did not answer in time',
  InvalidConfiguration: 'The app is not configured correctly',
  InternalError: 'Internal error',
} as const;

/** What the caller may know of an error. Anything that was not raised on purpose is a bug, of which only the request id is told. */
export function toProblemReply(error: unknown, requestId: string): Reply & { status: number } {
  const { headers, ...told } = describe(error);
  const problem: Problem = {
    type: `urn:problem-type:defender-functions:${told.code}`,
    title: isKnown(told.code) ? problemTitles[told.code] : told.code,
    requestId,
    ...told,
  };
  return {
    status: told.status,
    ...(headers && { headers }),
    contentType: 'application/problem+json; charset=utf-8',
    body: JSON.stringify(problem),
  };
}

/** The code that a caller is told of an error. */
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
    const detail = 'Settings of the function app are missing or wrong; each is listed in errors.';
    const nextStep = 'Correct the application settings; the app restarts by itself when they are saved.';
    return { status: 500, code: 'InvalidConfiguration', detail, errors: error.errors, nextStep };
  }
  return {
    status: 500,
    code: 'InternalError',
    detail: 'Something went wrong in the app itself. Its log has more under the request id.',
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
