import type * as z from 'zod/mini';
import type { ReplyFormat } from './reply.ts';

/** The state of a long-running operation. */
interface AsyncOperation {
  /** The service's JSON. */
  text: string;
  /** The URL to poll, while the operation runs. */
  location: string | undefined;
}

/** Suits actions that take minutes, and Defender's quota. */
const retryAfterSeconds = 10;

/** 202 with `Location` and `Retry-After` while the operation runs, which Logic Apps follow; 200 at the end. */
export function asyncOperation(
  schema: z.ZodMiniType,
  description: string,
  statuses: readonly (200 | 202)[] = [200, 202],
): ReplyFormat<AsyncOperation> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses,
    isPage: false,
    serialize: ({ text, location }) => ({
      contentType: 'application/json; charset=utf-8',
      body: text,
      ...(location !== undefined && { status: 202, headers: { location, 'retry-after': `${retryAfterSeconds}` } }),
    }),
  };
}
