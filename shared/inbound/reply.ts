import * as z from 'zod/mini';
import type { Cursor } from '../defender/collection.ts';

/** A reply. The body is text, so that a service's JSON can be passed through. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  contentType?: string;
  body?: string;
  /** A large body in parts, in place of `body`: concatenating them would copy it once more. */
  parts?: readonly string[];
  /** A body that is written while it is read, in place of `body`. */
  stream?: AsyncIterable<Uint8Array>;
  /** The body of a replay with the same `Idempotency-Key`, if it differs: a secret is shown once. */
  bodyToRepeat?: string;
}

/** What a reply depends on besides the result. */
interface ReplyContext {
  /** Request headers. */
  headers: { get(name: string): string | null };
  /** Absolute URL of the next page. */
  toNextLink(next: Cursor): Promise<string>;
}

/** How a result is serialized and documented. */
export interface ReplyFormat<T> {
  /** Media type → schema of the body. */
  contents: Record<string, z.ZodMiniType>;
  /** The same for 202, if it differs. */
  acceptedContents?: Record<string, z.ZodMiniType>;
  description: string;
  statuses: readonly number[];
  isPage: boolean;
  /**
   * Called before the operation runs.
   * @throws {RequestError} 406 if `Accept` names none of the formats.
   */
  requireAcceptable?(accept: string | undefined): void;
  serialize(result: T, context: ReplyContext): Reply | Promise<Reply>;
}

const jsonType = 'application/json; charset=utf-8';

interface JsonOptions<T> {
  description?: string;
  /** Default: 200. */
  statusOf?: (result: T) => number;
  statuses?: readonly number[];
  headers?: Record<string, string>;
}

/** Lets scripts of any origin read a public document, as the Logic Apps designer does. */
export const corsAnyOrigin = { 'access-control-allow-origin': '*' };

/** A value as JSON. */
export function json<T>(
  schema: z.ZodMiniType<T>,
  { description = 'Success', statusOf = () => 200, statuses = [200], headers = {} }: JsonOptions<T> = {},
): ReplyFormat<T> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses,
    isPage: false,
    serialize: (value) => ({ status: statusOf(value), headers, contentType: jsonType, body: JSON.stringify(value) }),
  };
}

/** A service's JSON text, passed through. */
export function jsonText(schema: z.ZodMiniType, description: string): ReplyFormat<string> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses: [200],
    isPage: false,
    serialize: (body) => ({ contentType: jsonType, body }),
  };
}

/** A result with a status and headers of its own. */
export interface Answer<T> {
  status: number;
  headers?: Record<string, string>;
  value: T;
  /** The value of a replay with the same `Idempotency-Key`, if it differs. */
  valueToRepeat?: T;
}

/** A value as JSON, with a status and headers of its own. */
export function jsonAnswer<T>(
  schema: z.ZodMiniType<T>,
  { description = 'Success', statuses }: { description?: string; statuses: readonly number[] },
): ReplyFormat<Answer<T>> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses,
    isPage: false,
    serialize: ({ status, headers = {}, value, valueToRepeat }) => ({
      status,
      headers,
      contentType: jsonType,
      body: JSON.stringify(value),
      ...(valueToRepeat !== undefined && { bodyToRepeat: JSON.stringify(valueToRepeat) }),
    }),
  };
}

/** An HTML page. */
export interface Page {
  status: number;
  body: string;
  /** The Content-Security-Policy hash of the page's style. */
  styleHash: string;
  /** The hash of the page's script, which may call this app. Without it, no script runs. */
  scriptHash?: string;
}

/** An HTML page that loads nothing, cannot be framed, and runs no script but its own. */
export function html(description: string, statuses: readonly number[]): ReplyFormat<Page> {
  return {
    contents: { 'text/html': z.string() },
    description,
    statuses,
    isPage: false,
    serialize: (page) => ({
      status: page.status,
      headers: pageHeaders(page),
      contentType: 'text/html; charset=utf-8',
      body: page.body,
    }),
  };
}

/** Headers that restrict what a page may do. */
export const pageHeaders = (page: Page): Record<string, string> => ({
  'content-security-policy': writePolicy(page),
  'referrer-policy': 'no-referrer',
});

function writePolicy({ styleHash, scriptHash }: Page): string {
  const script = scriptHash === undefined ? [] : [`script-src '${scriptHash}'`, "connect-src 'self'"];
  const closed = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"];
  return ["default-src 'none'", `style-src '${styleHash}'`, ...script, ...closed].join('; ');
}

/** 204. */
export function noContent(description: string): ReplyFormat<void> {
  return { contents: {}, description, statuses: [204], isPage: false, serialize: () => ({ status: 204 }) };
}

/** The reply of another operation. */
export function replyOf(
  schema: z.ZodMiniType,
  { description, statuses }: { description: string; statuses: readonly number[] },
): ReplyFormat<Reply> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses,
    isPage: false,
    serialize: (reply) => reply,
  };
}
