import assert from 'node:assert/strict';
import library, { type HttpRequest } from '@azure/functions';
import type { Environment } from '../../../shared/config.ts';
import { serve } from '../../../shared/inbound/boundary.ts';
import { readPublicSettings } from '../../../shared/inbound/register.ts';
import type { App, Endpoint } from '../../../shared/inbound/request-context.ts';
import { createServices } from '../../../shared/services.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type FakeHttpClient } from '../fake-http-client.ts';
import { settings } from '../settings.ts';

interface RequestParts {
  method?: string;
  /** Path and query below the API's address. */
  path?: string;
  params?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
}

/** The address of the app's API in these tests. */
export const baseUrl = 'https://contoso.azurewebsites.net/api';

/** A request as the Functions host hands it over. */
export function createRequest({ method = 'GET', path = 'things', params = {}, headers = {}, body }: RequestParts = {}) {
  return new library.HttpRequest({
    method,
    url: `${baseUrl}/${path}`,
    headers,
    params,
    ...(body !== undefined && { body: { string: body } }),
  });
}

/** A POST with a JSON body. */
export const createPost = (body: unknown, parts: RequestParts = {}) =>
  createRequest({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...parts,
  });

/** A context that keeps its log, a line an entry: `level: text`. */
export function createContext(invocationId = 'invocation-1') {
  const log: string[] = [];
  const logHandler = (level: string, ...args: unknown[]) => {
    log.push(`${level}: ${args.join(' ')}`);
  };
  return { context: new library.InvocationContext({ invocationId, functionName: 'test', logHandler }), log };
}

interface TestApp extends App {
  httpClient: FakeHttpClient;
}

/** An app with real services over a scripted network. */
export function createTestApp(endpoints: Record<string, Endpoint> = {}, environment: Environment = settings): TestApp {
  const clock = createFakeClock();
  const httpClient = createFakeHttpClient();
  return {
    version: '1.2.3',
    clock,
    ...readPublicSettings(environment),
    loadEndpoint: async (name) => endpoints[name] ?? assert.fail(`${name} is not registered`),
    loadEndpoints: async () => new Map(Object.entries(endpoints)),
    openServices: () =>
      createServices({
        httpClient,
        callbackClient: httpClient,
        clock,
        environment,
        random: () => 0.5,
        observe: () => {},
      }),
    httpClient,
  };
}

/** Calls an endpoint as the host would. */
export async function call(endpoint: Endpoint, request: HttpRequest, app: App = createTestApp()) {
  const { context, log } = createContext();
  const { status, headers, body } = await serve(
    'test',
    { ...endpoint, load: async () => endpoint },
    app,
    request,
    context,
  );
  const text = await new library.HttpResponse(body === undefined ? {} : { body }).text();
  return { status, headers: new Headers(headers), text, json: () => JSON.parse(text), log };
}
