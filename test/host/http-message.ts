import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cookie, HttpReplyData, HttpRequestData } from './messages.ts';

/** A request without its route values. */
export interface ReceivedRequest extends Omit<HttpRequestData, 'params'> {
  readonly path: string;
}

/** Flattens a request as the real host does: names without case, repeated values joined with a comma. */
export function toReceivedRequest(
  request: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>,
  fallbackHost: string,
): ReceivedRequest {
  const headers: Record<string, string> = {};
  const raw = request.rawHeaders;
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    url: `http://${headers.host ?? fallbackHost}${target}`,
    path: mark < 0 ? target : target.slice(0, mark),
    headers,
    query: mark < 0 ? {} : toQuery(target.slice(mark + 1)),
  };
}

function toQuery(text: string): Record<string, string> {
  const query: Record<string, string> = {};
  const spellings = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    const spelling = spellings.get(name.toLowerCase());
    if (spelling === undefined) {
      spellings.set(name.toLowerCase(), name);
      query[name] = value;
    } else {
      query[spelling] = `${query[spelling]},${value}`;
    }
  }
  return query;
}

/**
 * The body of a request; `undefined` if it is over `limitBytes`. A chunked body is lost: the real host passes on only
 * what has a Content-Length.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > limitBytes) return undefined;
  if (length === 0) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

export function sendStatus(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': '0' }).end();
}

/** What the host sends back. */
export interface HostReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** What a function returned, with the custom headers of host.json that it did not set itself. */
export function toHostReply(
  reply: HttpReplyData,
  body: Buffer,
  customHeaders: Readonly<Record<string, string>>,
): HostReply {
  const headers: Record<string, string | string[]> = { ...customHeaders, ...reply.headers };
  if (reply.cookies.length > 0) {
    const own = reply.headers['set-cookie'];
    headers['set-cookie'] = [...(own === undefined ? [] : [own]), ...reply.cookies.map(toSetCookie)];
  }
  return { status: reply.status, headers, body };
}

export function sendReply(response: ServerResponse, { status, headers, body }: HostReply): void {
  response.writeHead(status, { ...headers });
  // A first write makes Node send the body in chunks, as the real host does when there is no Content-Length.
  if (body.length > 0) response.write(body);
  response.end();
}

/** Attributes as ASP.NET Core writes them: the path is `/` unless given, the value is percent-encoded. */
function toSetCookie(cookie: Cookie): string {
  const attributes = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires) attributes.push(`expires=${new Date(cookie.expires.value.seconds * 1_000).toUTCString()}`);
  if (cookie.maxAge) attributes.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain) attributes.push(`domain=${cookie.domain.value}`);
  attributes.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) attributes.push('secure');
  if (cookie.sameSite && cookie.sameSite !== 'none') {
    attributes.push(`samesite=${cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite}`);
  }
  if (cookie.httpOnly?.value) attributes.push('httponly');
  return attributes.join('; ');
}
