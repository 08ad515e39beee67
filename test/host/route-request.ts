import { type AuthLevel, isAllowed } from './access-keys.ts';
import type { HttpFunction } from './host-function.ts';
import { type HostReply, type ReceivedRequest, toHostReply } from './http-message.ts';
import type { RunningApp } from './running-app.ts';

/** A function and the route values of a request to it. */
export interface Route {
  readonly httpFunction: HttpFunction;
  readonly params: Record<string, string>;
}

/** Finds the function that a request is for, or the status with which the host refuses it. */
export function routeRequest(
  { index }: RunningApp,
  { method, path }: ReceivedRequest,
  level: AuthLevel,
): Route | 401 | 404 {
  const route = index.findRoute(method, path);
  if (!route) return 404;
  if (!isAllowed(level, route.httpFunction.authLevel)) return 401;
  return route.httpFunction.isDisabled && level !== 'admin' ? 404 : route;
}

/** Runs the function: its reply, or the status where it has none. */
export async function invokeRoute(
  app: RunningApp,
  { httpFunction, params }: Route,
  { method, url, headers, query }: ReceivedRequest,
  body: Buffer,
): Promise<HostReply | 204 | 500> {
  const ending = await app.invoke(httpFunction, { http: { method, url, headers, query, params } }, body, {
    traceParent: headers.traceparent,
    traceState: headers.tracestate,
  });
  if (!ending || ending.result.error !== undefined) return 500;
  return ending.result.http ? toHostReply(ending.result.http, ending.body, app.hostJson.customHeaders) : 204;
}
