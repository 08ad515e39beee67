import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type AccessKeys, keyOf, levelOf } from './access-keys.ts';
import { answerAdmin } from './admin-api.ts';
import { type ReceivedRequest, readBody, sendReply, sendStatus, toReceivedRequest } from './http-message.ts';
import { invokeRoute, type Route, routeRequest } from './route-request.ts';
import type { RunningApp } from './running-app.ts';
import { forwardStream } from './stream-forwarder.ts';

export interface HttpListenerOptions {
  /** Waits for an app that is starting. */
  readonly currentApp: () => Promise<RunningApp | undefined>;
  readonly keys: AccessKeys;
  readonly checkKeys: boolean;
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly logRequests: boolean;
  readonly log: (line: string) => void;
}

const HOME_PAGE = '<!doctype html><title>Functions</title><p>The local Functions host is up and running.</p>';
const DEFAULT_BODY_LIMIT_BYTES = 104_857_600;

/** Answers requests in the order of decisions, and with the statuses, of the real host: its refusals are empty. */
export function createHttpListener(options: HttpListenerOptions): RequestListener {
  const { settings, keys, log } = options;
  const bodyLimitBytes = Number(settings.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? DEFAULT_BODY_LIMIT_BYTES);

  return (request, response) => {
    if (options.logRequests) logWhenDone(request, response);
    answer(request, response).catch((error) => {
      log(`The host failed: ${error instanceof Error ? error.stack : error}`);
      if (response.headersSent) response.destroy();
      else sendStatus(response, 500);
    });
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = toReceivedRequest(request, `${settings.WEBSITE_HOSTNAME}`);
    const app = await options.currentApp();
    if (!app)
      return void response.writeHead(503, { 'content-type': 'text/plain' }).end('Function host is not running.');
    const { customHeaders } = app.hostJson;
    const level = options.checkKeys ? levelOf(keyOf(received.headers, received.query), keys) : 'admin';
    if (/^\/admin(\/|$)/i.test(received.path)) return answerAdmin({ app, request, response, received, level, log });

    const route = routeRequest(app, received, level);
    if (route === 404 && received.path === '/') return sendHomePage(response);
    if (typeof route === 'number') return sendStatus(response, route, customHeaders);
    if (app.httpUri !== undefined) return stream(app, app.httpUri, route, request, response, received);

    const body = await readBody(request, bodyLimitBytes);
    if (!body) return sendStatus(response, 500, customHeaders);
    const reply = await invokeRoute(app, route, received, body);
    if (typeof reply === 'number') sendStatus(response, reply, customHeaders);
    else sendReply(response, reply);
  }

  function stream(
    app: RunningApp,
    httpUri: string,
    { httpFunction, params }: Route,
    request: IncomingMessage,
    response: ServerResponse,
    { method, url, headers, query }: ReceivedRequest,
  ): void {
    const invocationId = randomUUID();
    const texts = Object.entries({ ...query, ...params }).map(([name, value]) => [name, { string: value }]);
    const triggerMetadata = { ...Object.fromEntries(texts), Headers: { json: JSON.stringify(headers) } };
    const details = { invocationId, triggerMetadata, traceParent: headers.traceparent };
    void app.invoke(httpFunction, { http: { method, url, headers, query, params } }, undefined, details);
    forwardStream(request, response, httpUri, invocationId);
  }

  function sendHomePage(response: ServerResponse): void {
    if (settings.AzureWebJobsDisableHomepage === 'true') response.writeHead(204).end();
    else response.writeHead(200, { 'content-type': 'text/html' }).end(HOME_PAGE);
  }

  /** Without the query: it may hold a key. */
  function logWhenDone(request: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now();
    response.on('finish', () => {
      const durationMs = Math.round(performance.now() - startedAt);
      log(`${request.method} ${request.url?.split('?')[0]} ${response.statusCode} ${durationMs} ms`);
    });
  }
}
