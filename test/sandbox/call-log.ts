import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type CloudReply, type CloudRequest, parseJsonObject } from './exchange.ts';
import type { ServiceName } from './national-cloud.ts';

/** One request that reached the cloud. It holds no credential. */
export interface Call {
  readonly service: ServiceName | 'unknown';
  readonly method: string;
  readonly url: string;
  readonly path: string;
  /** The tenant in the token, or in the path of a token request. */
  readonly tenantId: string | undefined;
  readonly at: number;
  /** Without `authorization` and `x-identity-header`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The claims of the bearer token, or of the assertion that a token request exchanges. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** The client assertion of a token request, without its signature: `x5c` in the header is the chain that was sent. */
  readonly clientAssertion: UnsignedToken | undefined;
  /** JSON, or a form without its credentials. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** `pending` until the request is answered. */
  status: number | 'pending' | 'broken';
}

interface UnsignedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface CallLog {
  readonly all: readonly Call[];
  of(service: Call['service']): readonly Call[];
  count(service: Call['service']): number;
  clear(): void;
}

const credentials = new Set(['client_secret', 'client_assertion', 'assertion', 'refresh_token', 'password']);
const rememberedCalls = 20_000;

export function createCallLog(now: () => number) {
  let all: Call[] = [];
  const of = (service: Call['service']) => all.filter((call) => call.service === service);

  return {
    get all() {
      return all;
    },
    of,
    count: (service: Call['service']) => of(service).length,
    clear() {
      all = [];
    },
    /** Writes a request down; the function it returns writes down how it ended. */
    record(service: Call['service'], request: CloudRequest): (reply: CloudReply) => void {
      const call = toCall(service, request, now());
      if (all.length === rememberedCalls) all = all.slice(rememberedCalls / 2);
      all.push(call);
      return (reply) => {
        call.status = 'broken' in reply ? 'broken' : reply.status;
      };
    },
  };
}

function toCall(service: Call['service'], request: CloudRequest, at: number): Call {
  const { authorization, 'x-identity-header': _, ...headers } = request.headers;
  const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  const form = readForm(request);
  const claims = readToken(bearer ?? form?.get('assertion') ?? '')?.claims;
  const path = new URL(request.url).pathname;
  const tenant = service === 'entra' ? path.split('/')[1] : claims?.tid;
  return {
    service,
    method: request.method,
    url: request.url,
    path,
    tenantId: typeof tenant === 'string' ? tenant : undefined,
    at,
    headers,
    claims,
    clientAssertion: readToken(form?.get('client_assertion') ?? ''),
    body: readBody(request),
    status: 'pending',
  };
}

function readToken(token: string): UnsignedToken | undefined {
  try {
    return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

function readBody(request: CloudRequest): Readonly<Record<string, unknown>> | undefined {
  if (request.body === '') return undefined;
  const form = readForm(request);
  if (!form) return parseJsonObject(request.body);
  return Object.fromEntries([...form].filter(([name]) => !credentials.has(name)));
}

function readForm({ headers, body }: CloudRequest): URLSearchParams | undefined {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return isForm ? new URLSearchParams(body) : undefined;
}
