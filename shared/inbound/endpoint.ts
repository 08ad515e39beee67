import * as z from 'zod/mini';
import type { Role } from '../roles.ts';
import { noAccess, type RoleByInput } from './access.ts';
import {
  createHandlerContext,
  createNextLinkWriter,
  createTenantHandlerContext,
  type HandlerContext,
  type TenantHandlerContext,
} from './handler-context.ts';
import { readPublicUrl } from './public-url.ts';
import type { Reply, ReplyFormat } from './reply.ts';
import type { AuditTarget, Endpoint, IncomingRequest, Method, RequestContext } from './request-context.ts';
import { emptyInput } from './request-input.ts';
import { executionSteps, requestSteps, runSteps } from './steps.ts';
import type { Trigger } from './trigger.ts';

interface ParsedInput<Path, Body> {
  path: z.output<Path>;
  body: z.output<Body>;
}

interface Common<Path, Query, Body, Result> {
  /** Method and route template. */
  route: `${Method} ${string}`;
  summary: string;
  description?: string;
  /** The operation changes something in Defender and is refused in read-only mode. */
  changesDefender?: boolean;
  /** Calls may have an `Idempotency-Key`. Default: true for a POST or PATCH that changes Defender. */
  takesIdempotencyKey?: boolean;
  /** `Prefer: respond-async` is supported. */
  supportsRespondAsync?: boolean;
  path?: Path;
  query?: Query;
  /** Ignores unknown and empty query parameters, for a caller that is not ours. */
  allowUnknownQuery?: boolean;
  body?: Body;
  /** Accepted media types of the body, all of them JSON. Default: `application/json`. */
  bodyTypes?: readonly string[];
  /** Default: 1 MiB. */
  maxBodyBytes?: number;
  /** Answers OPTIONS requests with these headers. */
  handshake?: Endpoint['handshake'];
  verifyBody?: Endpoint['verifyBody'];
  /** Default: the entity that a path parameter names. */
  auditTarget?(input: ParsedInput<Path, Body>): AuditTarget;
  trigger?: Trigger;
  /** Hidden in designers: workflows call it by themselves. */
  internal?: boolean;
  reply: ReplyFormat<Result>;
}

type Returns<Result> = NoInfer<Result> | Promise<NoInfer<Result>>;

/** An operation that its caller must be allowed to call: by a function key, or by a role in an access token. */
interface Authorized {
  authLevel?: 'function';
  role: Role | RoleByInput;
}

/** An operation in the tenant that the caller names. */
interface TenantDeclaration<Path, Query, Body, Result> extends Common<Path, Query, Body, Result>, Authorized {
  hasTenant?: true;
  /** Users need the role as well: the operation does not call Defender on their behalf. */
  requiresRoleOfUsers?: boolean;
  handle(context: TenantHandlerContext<z.output<Path>, z.output<Query>, z.output<Body>>): Returns<Result>;
}

/** An operation without a tenant. An `anonymous` one requires neither a key nor valid settings. */
type AppDeclaration<Path, Query, Body, Result> = Common<Path, Query, Body, Result> &
  AppHandler<Path, Query, Body, Result> &
  (Authorized | { authLevel: 'anonymous' });

interface AppHandler<Path, Query, Body, Result> {
  hasTenant: false;
  handle(context: HandlerContext<z.output<Path>, z.output<Query>, z.output<Body>>): Returns<Result>;
}

const none = z.object({});
const defaultMaxBodyBytes = 1024 * 1024;

/** Declares an HTTP function. */
export function endpoint<
  Result,
  Path extends z.ZodMiniObject = typeof none,
  Query extends z.ZodMiniObject = typeof none,
  Body extends z.ZodMiniType = z.ZodMiniUndefined,
>(declaration: TenantDeclaration<Path, Query, Body, Result> | AppDeclaration<Path, Query, Body, Result>): Endpoint {
  const { changesDefender = false, hasTenant = true, reply } = declaration;
  const query: z.ZodMiniObject = declaration.query ?? none;
  const [method, route] = splitRoute(declaration.route);

  async function perform(context: RequestContext): Promise<Reply> {
    const { headers } = context.request;
    return await reply.serialize(await handle(context), { headers, toNextLink: createNextLinkWriter(context) });
  }

  async function handle(context: RequestContext): Promise<Result> {
    const handlerContext = await createHandlerContext<z.output<Path>, z.output<Query>, z.output<Body>>(context);
    if (declaration.hasTenant === false) return await declaration.handle(handlerContext);
    const { caller, operation } = context;
    if (caller === undefined) throw new TypeError(`${operation} ran before its caller was resolved`);
    return await declaration.handle(createTenantHandlerContext(handlerContext, context, caller));
  }

  const declared: Endpoint = {
    kind: 'endpoint',
    method,
    route,
    summary: declaration.summary,
    description: declaration.description,
    authLevel: declaration.authLevel ?? 'function',
    role: 'role' in declaration ? declaration.role : undefined,
    requiresRoleOfUsers: declaration.hasTenant === false || declaration.requiresRoleOfUsers === true,
    hasTenant,
    changesDefender,
    takesIdempotencyKey: declaration.takesIdempotencyKey ?? (changesDefender && method !== 'DELETE'),
    supportsRespondAsync: declaration.supportsRespondAsync ?? false,
    path: declaration.path ?? none,
    query: declaration.allowUnknownQuery ? query : z.strictObject(query.shape),
    allowUnknownQuery: declaration.allowUnknownQuery ?? false,
    body: declaration.body,
    bodyTypes: declaration.bodyTypes ?? ['application/json'],
    maxBodyBytes: declaration.maxBodyBytes ?? defaultMaxBodyBytes,
    isPage: reply.isPage,
    handshake: declaration.handshake,
    verifyBody: declaration.verifyBody,
    auditTarget: declaration.auditTarget as Endpoint['auditTarget'],
    trigger: declaration.trigger,
    internal: declaration.internal ?? false,
    reply,
    answer: async (incoming) => await runSteps(requestSteps, createRequestContext(declared, incoming), perform),
    async execute(outer, input) {
      const context = { ...outer, endpoint: declared, ...untilResolved };
      return await runSteps(executionSteps(input), context, perform);
    },
  };
  return declared;
}

function splitRoute(route: `${Method} ${string}`): [Method, string] {
  const [method, template] = route.split(' ') as [Method, string];
  return [method, template];
}

const untilResolved = { input: emptyInput, caller: undefined, previousAttemptAt: undefined, entityId: undefined };

function createRequestContext(endpoint: Endpoint, incoming: IncomingRequest): RequestContext {
  const { request, app } = incoming;
  const untilValidated = { token: undefined, user: undefined, access: noAccess };
  const url = readPublicUrl(request, endpoint.route, app.publicUrl);
  return { ...incoming, ...url, endpoint, channel: 'http', ...untilValidated, ...untilResolved };
}
