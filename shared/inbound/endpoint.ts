import * as z from 'zod/mini';
import type { Endpoint, Invocation, Method } from './app.ts';
import type { CallRequest } from './call-request.ts';
import { readUser, resolveCaller } from './caller.ts';
import { createNextLink, parseContinuation } from './continuation.ts';
import { readPublicUrl } from './correlation.ts';
import type { HandlerContext } from './handler-context.ts';
import { requireWritable } from './read-only.ts';
import { type Reply, type ReplyFormat, toHandshake } from './reply.ts';
import { readInput } from './request-input.ts';
import type { Trigger } from './trigger.ts';

interface Declaration<Path extends z.ZodMiniObject, Query extends z.ZodMiniObject, Body extends z.ZodMiniType, Result> {
  /** Method and route template. */
  route: `${Method} ${string}`;
  summary: string;
  description?: string;
  /** `anonymous` needs no key, acts in no tenant, and works without settings. */
  authLevel?: 'function' | 'anonymous';
  /** Whether the caller chooses a tenant with `tenantId`; so it is unless the function is anonymous. */
  hasTenant?: boolean;
  /** Whether it changes something in Defender, and so is refused when the app is read-only. */
  changesDefender?: boolean;
  /** Whether its calls may bear an `Idempotency-Key`; so it is where a POST or PATCH changes something in Defender. */
  takesIdempotencyKey?: boolean;
  /** Whether a caller may have it done later, with `Prefer: respond-async`. */
  supportsRespondAsync?: boolean;
  path?: Path;
  query?: Query;
  /** Whether others than our callers make the query, so that what is unknown or empty in it is overlooked. */
  allowUnknownQuery?: boolean;
  body?: Body;
  /** The media types in which the body is taken, all of them JSON; `application/json` unless told otherwise. */
  bodyTypes?: readonly string[];
  /** The headers that answer an OPTIONS request, by which a sender asks whether it may call; without it there is none. */
  handshake?(headers: CallRequest['headers']): Record<string, string>;
  /** What makes it a trigger of workflows. */
  trigger?: Trigger;
  /** Whether only workflows themselves call it, so that nobody is offered it. */
  internal?: boolean;
  reply: ReplyFormat<Result>;
  handle(
    handling: HandlerContext<z.output<Path>, z.output<Query>, z.output<Body>>,
  ): NoInfer<Result> | Promise<NoInfer<Result>>;
}

const none = z.object({});
const respondAsync = /(^|[\s,;])respond-async($|[\s,;])/i;

export function endpoint<
  Result,
  Path extends z.ZodMiniObject = typeof none,
  Query extends z.ZodMiniObject = typeof none,
  Body extends z.ZodMiniType = z.ZodMiniUndefined,
>(declaration: Declaration<Path, Query, Body, Result>): Endpoint {
  const { authLevel = 'function', changesDefender = false, reply } = declaration;
  const [method, route] = splitRoute(declaration.route);
  const hasTenant = declaration.hasTenant ?? authLevel === 'function';
  const takesIdempotencyKey = declaration.takesIdempotencyKey ?? (changesDefender && method !== 'DELETE');
  const supportsRespondAsync = declaration.supportsRespondAsync ?? false;
  const isWrite = changesDefender || takesIdempotencyKey || method === 'DELETE';
  const path = declaration.path ?? none;
  const query = declaration.query ?? none;
  const { body, bodyTypes = ['application/json'], allowUnknownQuery = false, handshake } = declaration;

  async function answer({ operation, app, request, clientRequestId, startedAt, log }: Invocation): Promise<Reply> {
    if (request.method === 'OPTIONS' && handshake !== undefined) return toHandshake(handshake(request.headers));
    if (authLevel === 'function') requireWritable(app.openServices(), changesDefender);
    // Whoever sends to a webhook may bring a token of its own, which is none of a user of ours.
    const isCalled = authLevel === 'function' && handshake === undefined;
    const user = isCalled ? readUser(request, app.openServices()) : undefined;
    const write = reply.negotiate(request.headers.get('accept') ?? undefined);
    const input = await readInput(
      { path, query, allowUnknownQuery, body, bodyTypes, hasTenant, isPage: reply.isPage, takesIdempotencyKey },
      request,
    );
    const caller = hasTenant ? await resolveCaller(app.openServices(), user, input.tenantId) : undefined;

    const url = readPublicUrl(request);
    const list = { operation, tenantId: caller?.principal.tenantId ?? '', url };
    const baseUrl = url.origin + url.pathname.split('/').slice(0, -route.split('/').length).join('/');
    const tenantQuery = input.tenantId === undefined ? '' : `?tenantId=${input.tenantId}`;
    const perform = async (previousAttemptAt: number | undefined) => {
      const result = await declaration.handle({
        path: input.path as z.output<Path>,
        query: input.query as z.output<Query>,
        body: input.body as z.output<Body>,
        previousAttemptAt,
        cursor: input.continuation === undefined ? undefined : parseContinuation(list, input.continuation),
        app,
        log,
        baseUrl,
        linkTo: (target) => baseUrl + target + tenantQuery,
        get services() {
          return app.openServices();
        },
        prefersAsync: supportsRespondAsync && respondAsync.test(request.headers.get('prefer') ?? ''),
        get principal() {
          if (caller === undefined) throw new TypeError(`${operation} acts in no tenant`);
          return caller.principal;
        },
        get defender() {
          if (caller === undefined) throw new TypeError(`${operation} acts in no tenant`);
          return app.openServices().openDefender({ ...caller, clientRequestId, startedAt });
        },
      });
      return write(result, (next) => createNextLink(list, next));
    };
    if (!isWrite) return await perform(undefined);
    const { performWrite } = await import('./write.ts');
    const principal = caller?.principal;
    return await performWrite(app.openServices(), { operation, request, input, principal, baseUrl, log }, perform);
  }

  const { summary, description } = declaration;
  return {
    kind: 'endpoint',
    method,
    route,
    summary,
    description,
    authLevel,
    hasTenant,
    changesDefender,
    takesIdempotencyKey,
    supportsRespondAsync,
    path,
    query,
    body,
    bodyTypes,
    hasHandshake: handshake !== undefined,
    trigger: declaration.trigger,
    internal: declaration.internal ?? false,
    reply,
    answer,
  };
}

function splitRoute(route: `${Method} ${string}`): [Method, string] {
  const [method, template] = route.split(' ') as [Method, string];
  return [method, template];
}
