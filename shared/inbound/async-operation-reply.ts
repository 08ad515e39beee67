import type * as z from 'zod/mini';
import type { ReplyFormat } from './reply.ts';

/** Work that goes on behind us, or has come to its end. */
interface Work {
  /** What the service tells of it, as JSON. */
  text: string;
  /** Where to ask again, while it goes on. */
  location: string | undefined;
}

/** Often enough for actions that take minutes, and seldom enough for the quota of Defender. */
const retryAfterSeconds = 10;

/** 202 with `Location` and `Retry-After` while it goes on, which Logic Apps follows by itself; 200 at the end. */
export function asyncOperation(
  schema: z.ZodMiniType,
  description: string,
  statuses: readonly (200 | 202)[] = [200, 202],
): ReplyFormat<Work> {
  return {
    contents: { 'application/json': schema },
    description,
    statuses,
    isPage: false,
    negotiate:
      () =>
      ({ text, location }) => ({
        contentType: 'application/json; charset=utf-8',
        body: text,
        ...(location !== undefined && {
          status: 202,
          headers: { location, 'retry-after': `${retryAfterSeconds}` },
        }),
      }),
  };
}
