import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

/** After this long without a byte the real host's forwarder gives up. */
const INACTIVITY_MS = 240_000;

/** Hands a request on to the HTTP server that the library opens in streaming mode, and the reply back as it comes. */
export function forwardStream(
  incoming: IncomingMessage,
  response: ServerResponse,
  httpUri: string,
  invocationId: string,
): void {
  const { hostname, port } = new URL(httpUri);
  const outgoing = request({
    hostname,
    port,
    method: incoming.method,
    path: incoming.url,
    headers: {
      ...incoming.headers,
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': incoming.headers.host,
      'x-forwarded-proto': 'http',
    },
    timeout: INACTIVITY_MS,
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('No answer.')));
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  outgoing.on('response', (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    pipeline(reply, response, () => {});
  });
  incoming.pipe(outgoing);
}
