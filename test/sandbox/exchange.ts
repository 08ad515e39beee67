/** A request as it reaches the cloud: absolute URL with the production host name, header names in lower case. */
export interface CloudRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface CloudAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** No answer at all. Only with `ECONNRESET` can the request have been carried out. */
export interface BrokenConnection {
  readonly broken: 'ECONNRESET' | 'ECONNREFUSED' | 'ENOTFOUND';
}

export type CloudReply = CloudAnswer | BrokenConnection;

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): CloudAnswer {
  return jsonText(status, JSON.stringify(value), headers);
}

/** The same for JSON that is serialized already. */
export function jsonText(
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): CloudAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}

/** The members of a JSON object, or undefined when the text is anything else. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
}
