import * as z from 'zod/mini';
import type { Cursor } from '../defender/collection.ts';

/** A reply as it leaves: text, so that what a service gave as text need not be parsed and written again; or nothing at all. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  contentType?: string;
  body?: string;
  /** A body that is written while it is read, in place of `body`. */
  stream?: AsyncIterable<Uint8Array>;
  /** What is answered in place of the body when the call is repeated under its `Idempotency-Key`: a secret is shown once. */
  bodyToRepeat?: string;
}

/** What a function answers: how its result is written, and how that is documented. */
export interface ReplyFormat<T> {
  /** Media type → schema of the body. */
  contents: Record<string, z.ZodMiniType>;
  /** The same of a 202, where that says less. */
  acceptedContents?: Record<string, z.ZodMiniType>;
  description: string;
  /** The HTTP statuses that it comes with. */
  statuses: readonly number[];
  isPage: boolean;
  /**
   * Chosen before the work is done.
   * @throws {RequestError} 406 when the caller accepts none of the formats.
   */
  negotiate(accept: string | undefined): (result: T, toNextLink: (next: Cursor) => string) => Reply;
}

const jsonType = 'application/json; charset=utf-8';

interface JsonOptions<T> {
  description?: string;
  /** The HTTP status, where it is not 200 for every result. */
  statusOf?: (result: T) => number;
  statuses?: readonly number[];
  headers?: Record<string, string>;
}

/** Scripts of every origin may read it: for what anybody may know, without a key. The designer of Logic Apps is such a script. */
export const corsAnyOrigin = { 'access-control-allow-origin': '*' };

/** A value, as JSON. */
export function json<T>(
  schema: z.ZodMiniType<T>,
  { description = 'Success', statusOf = () => 200, statuses = [200], headers = {} }: JsonOptions<T> = {},
): ReplyFormat<T> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses,
    isPage: false,
    negotiate: () => (value) => ({
      status: statusOf(value),
      headers,
      contentType: jsonType,
      body: JSON.stringify(value),
    }),
  };
}

/** What a service gave as JSON, passed on as it is. */
export function jsonText(schema: z.ZodMiniType, description: string): ReplyFormat<string> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses: [200],
    isPage: false,
    negotiate: () => (body) => ({ contentType: jsonType, body }),
  };
}

/** A result of which the function itself says with which status it is answered. */
export interface Answer<T> {
  status: number;
  headers?: Record<string, string>;
  value: T;
  /** What a repeated call is answered, where that is less. */
  valueToRepeat?: T;
}

/** A value as JSON, with the status and the headers that come with it. */
export function jsonAnswer<T>(
  schema: z.ZodMiniType<T>,
  { description = 'Success', statuses }: { description?: string; statuses: readonly number[] },
): ReplyFormat<Answer<T>> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses,
    isPage: false,
    negotiate:
      () =>
      ({ status, headers = {}, value, valueToRepeat }) => ({
        status,
        headers,
        contentType: jsonType,
        body: JSON.stringify(value),
        ...(valueToRepeat !== undefined && { bodyToRepeat: JSON.stringify(valueToRepeat) }),
      }),
  };
}

/** A page for people. */
export interface Page {
  status: number;
  body: string;
  /** What a Content-Security-Policy names to allow the style of the page, and no other. */
  styleHash: string;
  /** The same for its script, which may call this app. Without it nothing runs. */
  scriptHash?: string;
}

/** A page for people. It may load nothing, be framed by nobody, and run nothing but its own script. */
export function html(description: string, statuses: readonly number[]): ReplyFormat<Page> {
  return {
    contents: { 'text/html': z.string() },
    description,
    statuses,
    isPage: false,
    negotiate: () => (page) => ({
      status: page.status,
      headers: { 'content-security-policy': writePolicy(page), 'referrer-policy': 'no-referrer' },
      contentType: 'text/html; charset=utf-8',
      body: page.body,
    }),
  };
}

function writePolicy({ styleHash, scriptHash }: Page): string {
  const script = scriptHash === undefined ? [] : [`script-src '${scriptHash}'`, "connect-src 'self'"];
  const closed = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"];
  return ["default-src 'none'", `style-src '${styleHash}'`, ...script, ...closed].join('; ');
}

/** Success that there is nothing to say about. */
export function noContent(description: string): ReplyFormat<void> {
  return { contents: {}, description, statuses: [204], isPage: false, negotiate: () => () => ({ status: 204 }) };
}

/** The answer to a sender that asks whether it may call. */
export const toHandshake = (headers: Record<string, string>): Reply => ({
  headers,
  contentType: 'application/json; charset=utf-8',
  body: '{}',
});
