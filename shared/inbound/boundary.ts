import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { RequestError, UnauthenticatedError, UpstreamError, type UpstreamService } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Reply } from './reply.ts';
import type { App, Endpoint } from './request-context.ts';

/** Answers an HTTP request. The only place where an error becomes a reply and a log line. */
export async function serve(
  operation: string,
  { authLevel, load }: Pick<Endpoint, 'authLevel'> & { load(): Promise<Endpoint> },
  app: App,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const { invocationId } = context;
  const incoming = {
    operation,
    app,
    request,
    clientRequestId: readClientRequestId(request),
    startedAt: app.clock.now(),
    log: createSafeLog(context),
  };
  let reply: Reply;
  let body: HttpResponseInit['body'];
  try {
    reply = await (await load()).answer(incoming);
    body = await toBody(reply);
  } catch (thrown) {
    const { toProblemReply } = await import('./problem.ts');
    const isUnauthenticated = thrown instanceof UnauthenticatedError;
    const error = isUnauthenticated ? thrown.cause : thrown;
    reply = toProblemReply(error, invocationId, { isAnonymous: isAnonymous(authLevel, app), isUnauthenticated });
    body = await toBody(reply);
    logFailure(context, error);
  }
  return {
    status: reply.status ?? 200,
    headers: {
      'cache-control': 'no-store',
      ...toHeaders(reply.headers),
      ...(reply.contentType !== undefined && { 'content-type': reply.contentType }),
      'x-content-type-options': 'nosniff',
      'x-ms-request-id': invocationId,
      'x-ms-client-request-id': incoming.clientRequestId,
    },
    ...(body !== undefined && { body }),
  };
}

/** A value that is not a valid header, such as one echoed from a request, would fail in the library. */
const toHeaders = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\t\x20-\x7e]+/g, '')]));

/** With invalid settings, no access token can be validated. */
function isAnonymous(authLevel: 'function' | 'anonymous', app: App): boolean {
  if (authLevel === 'anonymous') return true;
  if (app.callerAuthentication !== 'token') return false;
  try {
    app.openServices();
    return false;
  } catch {
    return true;
  }
}

/** Bytes cost the library less than a string. A streamed body is completed here, so that it cannot fail after the reply. */
async function toBody({ body, parts, stream }: Reply): Promise<HttpResponseInit['body']> {
  if (parts !== undefined) return encode(parts);
  if (stream === undefined) return body === undefined ? undefined : Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks.length > 1 ? drain(chunks) : chunks[0];
}

function encode(parts: readonly string[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(parts.reduce((size, part) => size + Buffer.byteLength(part), 0));
  let end = 0;
  for (const part of parts) end += bytes.write(part, end);
  return bytes;
}

/** Releases each chunk that the library has taken. */
async function* drain(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  chunks.reverse();
  for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) yield chunk;
}

/**
 * Logs a failure in one line. Request errors and errors of Defender are logged by code and id, because their messages may quote the
 * caller's input, such as a query. A bug is logged with its stack.
 */
export function logFailure(context: InvocationContext, error: unknown): void {
  const log = createSafeLog(context);
  if (error instanceof RequestError) {
    log.info(`${error.status} ${error.code}${describeUpstream(error.upstream)}`);
  } else if (error instanceof UpstreamError) {
    const sentence = quotesCaller.has(error.upstream.service) ? '' : `: ${error.message}`;
    log.warn(`${error.failure}${describeUpstream(error.upstream)}${sentence}`);
  } else {
    context.error(toStackText(error));
  }
}

/** Services whose own message becomes the error's message. */
const quotesCaller: ReadonlySet<UpstreamService> = new Set<UpstreamService>(['defender', 'graph']);

function describeUpstream(upstream: UpstreamError['upstream'] | undefined): string {
  if (upstream === undefined) return '';
  const { service, status, code, requestId } = upstream;
  return ` (${[service, status, code, requestId].filter((part) => part !== undefined).join(' ')})`;
}

/** The caller's request id if it is valid, otherwise a new one. */
function readClientRequestId(request: HttpRequest): string {
  const given = request.headers.get('x-ms-client-request-id') ?? '';
  return /^[\x20-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

/** Control and format characters, with which a caller or a service could forge log lines. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const maxLength = 2_000;

const toLogLine = (text: string): string => text.replace(unsafe, ' ').slice(0, maxLength);

/** A log whose every message is one line. */
export const createSafeLog = (log: Log): Log => ({
  info: (message) => log.info(toLogLine(message)),
  warn: (message) => log.warn(toLogLine(message)),
});

/** The stack of a bug. Its message may contain anything; its frames are the app's own. */
function toStackText(error: unknown): string {
  if (!(error instanceof Error)) return toLogLine(String(error));
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [toLogLine(`${error.name}: ${error.message}`), ...frames].join('\n');
}
