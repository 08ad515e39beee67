import type { Host } from '../host/host.ts';

/** Calls the API with the function key. The target is a path below `/api`, or an absolute URL such as a `nextLink`. */
export type Call = (request: `${string} ${string}`, options?: CallOptions) => Promise<Reply>;

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; a stream without a length, in chunks. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream;
  /** Whether the function key is sent along. Default: true. */
  readonly withKey?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the text is not JSON. */
  readonly json: unknown;
}

/** @param send sends a request; `isChunked` when its body has no length. */
export function createCall(
  host: Pick<Host, 'url' | 'keys'>,
  send: (request: Request, isChunked: boolean) => Promise<Response>,
): Call {
  return async (request, options = {}) => {
    const [method = '', target = ''] = request.split(/ (.*)/s);
    const { json, withKey = true } = options;
    const body = json === undefined ? options.body : JSON.stringify(json);
    const isChunked = body instanceof ReadableStream;
    const sent = new Request(target.startsWith('http') ? target : `${host.url}/api${target}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(withKey && { 'x-functions-key': host.keys.function }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body }),
      ...(isChunked && { duplex: 'half' }),
    });
    const response = await send(sent, isChunked);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parseJson(text) };
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
