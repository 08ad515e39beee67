import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../shared/errors.ts';
import type { AuthLevel } from './access-keys.ts';
import { type ReceivedRequest, readBody, sendStatus } from './http-message.ts';
import type { RunningApp } from './running-app.ts';

interface AdminRequest {
  readonly app: RunningApp;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly received: ReceivedRequest;
  readonly level: AuthLevel;
  readonly log: (line: string) => void;
}

const BODY_LIMIT_BYTES = 1_048_576;

/** The routes of the host itself: `/admin/host/ping` without a key, status and manual runs with the master key. */
export async function answerAdmin({ app, request, response, received, level, log }: AdminRequest): Promise<void> {
  const { method, headers } = received;
  const path = received.path.toLowerCase().replace(/\/$/, '');
  if (path === '/admin/host/ping' && (method === 'GET' || method === 'POST')) return sendStatus(response, 200);

  const functionName = method === 'POST' ? /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1] : undefined;
  const isStatus = method === 'GET' && path === '/admin/host/status';
  if (!isStatus && functionName === undefined) return sendStatus(response, 404);
  if (level !== 'admin') return sendStatus(response, hasKey(received) ? 403 : 401);
  if (isStatus) return sendHostStatus(app, response);

  const target = app.index.functions.find(({ name }) => name.toLowerCase() === functionName);
  if (!target) return sendStatus(response, 404);
  if (!/^(application|text)\/([\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return sendStatus(response, 415);
  const body = await readBody(request, BODY_LIMIT_BYTES);
  const input = body && parseRunRequest(body.toString());
  if (!input) return sendStatus(response, 400);
  sendStatus(response, 202);
  try {
    await app.invoke(target, app.manualInput(target, input.input));
  } catch (error) {
    log(`[${target.name}] did not run: ${messageOf(error)}`);
  }
}

function hasKey({ headers, query }: ReceivedRequest): boolean {
  return headers['x-functions-key'] !== undefined || query.code !== undefined;
}

/** Undefined unless the text is a JSON object. */
function parseRunRequest(text: string): { input: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return { input: 'input' in value ? String(value.input) : '' };
  } catch {
    return undefined;
  }
}

function sendHostStatus({ index }: RunningApp, response: ServerResponse): void {
  const status = {
    id: 'local',
    state: 'Running',
    version: '4.1037.0',
    errors: index.inError.map(({ name, reason }) => `The '${name}' function is in error: ${reason}`),
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(status));
}
