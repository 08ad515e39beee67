import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { Cloud } from './cloud.ts';
import type { CloudAnswer, CloudReply } from './exchange.ts';

/**
 * The cloud as the HTTP client of a pipeline. It fails as the real one does: with a `RestError` when the connection
 * breaks, with an `AbortError` when the caller aborts or `request.timeout` has passed.
 */
export function createInMemoryHttpClient(cloud: Pick<Cloud, 'handle'>): HttpClient {
  return {
    async sendRequest(request) {
      const { method, url } = request;
      const headers = request.headers.toJSON();
      const reply = await unlessAborted(request, async () =>
        cloud.handle({ method, url, headers, body: await readBody(request) }),
      );
      return toResponse(request, reply);
    },
  };
}

function unlessAborted(request: PipelineRequest, send: () => Promise<CloudReply>): Promise<CloudReply> {
  const { abortSignal, timeout } = request;
  if (abortSignal?.aborted) return Promise.reject(abortError());
  return new Promise((resolve, reject) => {
    const abort = () => {
      finish();
      reject(abortError());
    };
    const timer = timeout > 0 ? setTimeout(abort, timeout) : undefined;
    const finish = () => {
      clearTimeout(timer);
      abortSignal?.removeEventListener('abort', abort);
    };
    abortSignal?.addEventListener('abort', abort);
    send().finally(finish).then(resolve, reject);
  });
}

function toResponse(request: PipelineRequest, reply: CloudReply): PipelineResponse {
  if ('broken' in reply) {
    throw new RestError(`The connection failed: ${reply.broken}`, { code: reply.broken, request });
  }
  const response = { request, status: reply.status, headers: createHttpHeaders({ ...reply.headers }) };
  return isStreamed(request, reply)
    ? { ...response, readableStreamBody: Readable.from([Buffer.from(reply.body)]) }
    : { ...response, bodyAsText: typeof reply.body === 'string' ? reply.body : new TextDecoder().decode(reply.body) };
}

/** Infinity among the status codes means all of them. */
function isStreamed({ streamResponseStatusCodes: streamed }: PipelineRequest, { status }: CloudAnswer): boolean {
  return streamed?.has(status) === true || streamed?.has(Number.POSITIVE_INFINITY) === true;
}

async function readBody({ body: given }: PipelineRequest): Promise<string> {
  const body = typeof given === 'function' ? given() : given;
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  if (Symbol.asyncIterator in body) return await text(body);
  throw new TypeError('The sandbox reads requests whose body is a text, bytes or a stream');
}

function abortError(): Error {
  return Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });
}
