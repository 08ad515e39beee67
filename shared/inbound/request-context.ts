import type { HttpRequest } from '@azure/functions';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Role } from '../roles.ts';
import type { Services } from '../services.ts';
import type { CallerAuthentication } from '../settings.ts';
import type { VerifiedToken } from '../tokens/access-token-validator.ts';
import type { UserPrincipal } from '../tokens/principal.ts';
import type { Access, RoleByInput } from './access.ts';
import type { Caller } from './caller.ts';
import type { Reply, ReplyFormat } from './reply.ts';
import type { Input, InputSchemas, RawInput } from './request-input.ts';
import type { Trigger } from './trigger.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The app as its functions see it. */
export interface App {
  version: string;
  clock: Clock;
  /** The setting `PUBLIC_URL`, without a trailing slash; undefined if it is missing or invalid. */
  publicUrl: string | undefined;
  /** The setting `CALLER_AUTHENTICATION`. */
  callerAuthentication: CallerAuthentication;
  loadEndpoint(operation: string): Promise<Endpoint>;
  /** All HTTP functions, by name. */
  loadEndpoints(): Promise<ReadonlyMap<string, Endpoint>>;
  /** @throws {ConfigError} if settings are missing or invalid. */
  openServices(): Services;
}

/** An HTTP request as it arrives. */
export interface IncomingRequest {
  /** Name of the function, such as `listIncidents`. */
  operation: string;
  app: App;
  request: HttpRequest;
  clientRequestId: string;
  /** Epoch milliseconds. */
  startedAt: number;
  log: Log;
}

/** A request while it runs: each step reads the members that earlier steps have set. */
export interface RequestContext extends IncomingRequest {
  endpoint: Endpoint;
  /** The request's URL as the caller reaches it. */
  url: URL;
  /** Absolute URL of the API, without a trailing slash. */
  baseUrl: string;
  /** The request's path below `baseUrl`. */
  path: string;
  /** `signedCommand`: a message signature takes the place of the function key. */
  channel: 'http' | 'signedCommand';
  /** Set by `validateToken`; undefined for a call without an access token. */
  token: VerifiedToken | undefined;
  /** Set by `validateToken`; undefined in application context. */
  user: UserPrincipal | undefined;
  /** Set by `validateToken`; none until then, and in an anonymous operation. */
  access: Access;
  /** Set by `readInput`; empty until then. */
  input: Input;
  /** Set by `resolveCaller`; undefined for an operation without a tenant. */
  caller: Caller | undefined;
  /** Set by `idempotency`: when an earlier attempt with the same key began, if its outcome is unknown. Epoch milliseconds. */
  previousAttemptAt: number | undefined;
  /** Set by `idempotency`: GUID for the entity that the operation creates, the same in every attempt. */
  entityId: string | undefined;
}

/** Wraps the rest of a request: throws, replies, or sets members of the context and continues with `next`. */
export type Step = (context: RequestContext, next: () => Promise<Reply>) => Promise<Reply>;

/** The entity that a write changes. */
export interface AuditTarget {
  type: 'incident' | 'alert' | 'machine' | 'indicator' | 'subscription' | 'hunt' | 'tenant' | 'caller' | 'callbackHost';
  id: string;
}

/** A declared HTTP function: the one source of its registration, validation, types and OpenAPI entry. */
export interface Endpoint extends InputSchemas {
  kind: 'endpoint';
  method: Method;
  route: string;
  summary: string;
  description: string | undefined;
  authLevel: 'function' | 'anonymous';
  /** Undefined for an anonymous operation. */
  role: Role | RoleByInput | undefined;
  /** False if a user needs no role, because Defender decides what the user may do. */
  requiresRoleOfUsers: boolean;
  changesDefender: boolean;
  supportsRespondAsync: boolean;
  /** Response headers of an OPTIONS request; undefined if the endpoint does not answer one. */
  handshake: ((headers: HttpRequest['headers']) => Record<string, string>) | undefined;
  /** Accepted media types of the body. */
  bodyTypes: readonly string[];
  maxBodyBytes: number;
  /** Authenticates a body that is not empty. @throws {RequestError} 401 */
  verifyBody: ((body: Buffer, context: RequestContext) => Promise<void>) | undefined;
  /** Default: the entity that a path parameter names. */
  auditTarget: ((input: Input) => AuditTarget) | undefined;
  trigger: Trigger | undefined;
  internal: boolean;
  reply: Omit<ReplyFormat<never>, 'serialize'>;
  /** Answers a request. Throws what the error boundary turns into a problem reply. */
  answer(incoming: IncomingRequest): Promise<Reply>;
  /** Runs the operation within another request, with input that is validated here. */
  execute(context: RequestContext, input: RawInput): Promise<Reply>;
}
