import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { RequestError, UpstreamError, type UpstreamService } from '../errors.ts';
import type { App, Endpoint } from './app.ts';
import { readClientRequestId } from './correlation.ts';
import type { Reply } from './reply.ts';

/** Answers an HTTP request. The only place where an error becomes a reply and a log line. */
export async function serve(
  operation: string,
  endpoint: Endpoint,
  app: App,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const startedAt = app.clock.now();
  const clientRequestId = readClientRequestId(request);
  let reply: Reply;
  try {
    reply = await endpoint.answer({ operation, app, request, clientRequestId, startedAt, log: context });
  } catch (error) {
    const { toProblemReply } = await import('./problem.ts');
    reply = toProblemReply(error, context.invocationId);
    logFailure(context, error);
  }
  return {
    status: reply.status ?? 200,
    headers: {
      'cache-control': 'no-store',
      ...reply.headers,
      ...(reply.contentType !== undefined && { 'content-type': reply.contentType }),
      'x-content-type-options': 'nosniff',
      'x-ms-request-id': context.invocationId,
      'x-ms-client-request-id': clientRequestId,
    },
    ...(reply.body !== undefined && { body: reply.body }),
    ...(reply.stream !== undefined && { body: reply.stream }),
  };
}

/**
 * Logs a failure in one line. Request errors and errors of Defender are logged by code and id, because their messages may quote the
 * caller's input, such as a query. A bug is logged with its stack.
 */
export function logFailure(context: InvocationContext, error: unknown): void {
  if (error instanceof RequestError) {
    context.info(`${error.status} ${error.code}${describeUpstream(error.upstream)}`);
  } else if (error instanceof UpstreamError) {
    const sentence = quotesCaller.has(error.upstream.service) ? '' : `: ${error.message}`;
    context.warn(`${error.failure}${describeUpstream(error.upstream)}${sentence}`);
  } else {
    context.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** Services whose own message becomes the error's message. */
const quotesCaller: ReadonlySet<UpstreamService> = new Set<UpstreamService>(['defender', 'graph']);

function describeUpstream(upstream: UpstreamError['upstream'] | undefined): string {
  if (upstream === undefined) return '';
  const { service, status, code, requestId } = upstream;
  return ` (${[service, status, code, requestId].filter((part) => part !== undefined).join(' ')})`;
}
