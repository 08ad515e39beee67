import type { Cursor } from '../defender/collection.ts';
import type { Defender } from '../defender/defender.ts';
import type { Log } from '../log.ts';
import type { Services } from '../services.ts';
import type { Principal } from '../tokens/principal.ts';
import type { Access } from './access.ts';
import type { Caller } from './caller.ts';
import { createNextLink, type ListRequest, parseContinuation } from './page-reply.ts';
import type { App, RequestContext } from './request-context.ts';

/** What a handler gets. */
export interface HandlerContext<Path, Query, Body> {
  path: Path;
  query: Query;
  body: Body;
  /** When an earlier attempt of this call began, if its outcome is unknown. Epoch milliseconds. */
  previousAttemptAt: number | undefined;
  /** Where a list continues. */
  cursor: Cursor | undefined;
  /** `Prefer: respond-async` (RFC 7240): long-running work is accepted rather than awaited. */
  prefersAsync: boolean;
  /** @throws {ConfigError} in an anonymous function, if settings are missing or invalid. */
  readonly services: Services;
  app: App;
  /** Absolute URL of the API, without a trailing slash. */
  baseUrl: string;
  /** Absolute URL of another operation, in the caller's tenant. Contains no key. */
  linkTo(path: `/${string}`): string;
  log: Log;
  /** What the caller may do in the app. */
  access: Access;
  /** The request itself, for a function that runs another operation. */
  request: RequestContext;
}

/** What a handler gets that acts in a tenant. */
export interface TenantHandlerContext<Path, Query, Body> extends HandlerContext<Path, Query, Body> {
  principal: Principal;
  /** Defender as the caller's principal in the caller's tenant. */
  defender: Defender;
}

const respondAsync = /(^|[\s,;])respond-async($|[\s,;])/i;

/** The list that a `nextLink` of this request continues. */
const toListRequest = ({ operation, caller, url, path }: RequestContext): ListRequest => ({
  operation,
  tenantId: caller?.principal.tenantId ?? '',
  url,
  path,
});

export const createNextLinkWriter = (request: RequestContext) => (next: Cursor) =>
  createNextLink(toListRequest(request), next, request.app.openServices().stateProtection);

async function readCursor(request: RequestContext): Promise<Cursor | undefined> {
  const { continuation } = request.input;
  if (continuation === undefined) return undefined;
  return await parseContinuation(toListRequest(request), continuation, request.app.openServices().stateProtection);
}

/** @throws {RequestError} 400 for a `nextLink` of another list. */
export async function createHandlerContext<Path, Query, Body>(
  request: RequestContext,
): Promise<HandlerContext<Path, Query, Body>> {
  const { app, baseUrl, log, endpoint, input, previousAttemptAt } = request;
  const tenantQuery = input.tenantId === undefined ? '' : `?tenantId=${input.tenantId}`;
  const prefer = request.request.headers.get('prefer') ?? '';
  return {
    path: input.path as Path,
    query: input.query as Query,
    body: input.body as Body,
    previousAttemptAt,
    cursor: await readCursor(request),
    prefersAsync: endpoint.supportsRespondAsync && respondAsync.test(prefer),
    get services() {
      return app.openServices();
    },
    app,
    baseUrl,
    linkTo: (path) => baseUrl + path + tenantQuery,
    log,
    access: request.access,
    request,
  };
}

export function createTenantHandlerContext<Path, Query, Body>(
  handlerContext: HandlerContext<Path, Query, Body>,
  { app, clientRequestId, startedAt }: RequestContext,
  caller: Caller,
): TenantHandlerContext<Path, Query, Body> {
  const defender = app.openServices().openDefender({ ...caller, clientRequestId, startedAt });
  return { ...handlerContext, principal: caller.principal, defender };
}
