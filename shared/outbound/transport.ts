import { Agent } from 'node:https';
import type { LookupFunction } from 'node:net';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  decompressResponsePolicy,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  userAgentPolicy,
} from '@azure/core-rest-pipeline';

/**
 * An HTTP client with keep-alive connections, also through a proxy (`HTTPS_PROXY`, `NO_PROXY`), where the Azure SDK's own agent opens a
 * new one, with a TLS handshake, for every request.
 */
export function createHttpClient(
  proxyEnvironment: Record<string, string | undefined>,
  options: { lookup?: LookupFunction; maxSockets?: number } = {},
): HttpClient {
  const agent = new Agent({ keepAlive: true, proxyEnv: proxyEnvironment, ...options });
  const client = createDefaultHttpClient();
  return {
    sendRequest(request) {
      if (request.url.startsWith('https:')) request.agent = agent;
      return client.sendRequest(request);
    },
  };
}

/** Consumes a response while it arrives. */
type Receive = (chunks: AsyncIterable<string>) => Promise<void>;

/** Sends one request once: no retries, no redirects. With `receive` it consumes a successful response, whose text is then empty. */
export type Send = (request: PipelineRequest, receive?: Receive) => Promise<PipelineResponse>;

/**
 * The Azure Core pipeline without the policies that act on their own: retries are decided by the caller, which knows whether a call is
 * idempotent and how much time is left; a redirect could carry a token to another host.
 */
export function createTransport(httpClient: HttpClient): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: 'defender-functions' }));
  return async (request, receive) => {
    request.streamResponseStatusCodes = anyStatus;
    const { readableStreamBody, ...response } = await pipeline.sendRequest(httpClient, request);
    if (receive !== undefined && response.status >= 200 && response.status < 300) {
      await receive(readChunks(readableStreamBody ?? [response.bodyAsText ?? '']));
      return { ...response, bodyAsText: '' };
    }
    return readableStreamBody === undefined
      ? response
      : { ...response, bodyAsText: await readText(readableStreamBody) };
  };
}

async function* readChunks(stream: NodeJS.ReadableStream | readonly string[]): AsyncGenerator<string> {
  if ('setEncoding' in stream) stream.setEncoding('utf8');
  for await (const chunk of stream) yield String(chunk);
}

/** In Azure Core, infinity means every status code. */
const anyStatus = new Set([Number.POSITIVE_INFINITY]);

/**
 * Reads a response while it arrives. Azure Core would concatenate its bytes first: 250 KB outside of the heap for every list, which
 * makes the garbage collector run far too often.
 */
function readText(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('end', () => resolve(text));
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('The connection was closed before the end of the response')));
  });
}
