import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import type { Entity } from './service-page.ts';

/** How far Defender's clock may be from ours. */
const clockSkewMs = 5 * 60_000;

/** The earliest instant, by Defender's clock, of something that we began at `since`; both in epoch milliseconds. */
export const earliestOf = (since: number): number => since - clockSkewMs;

const commentsSchema = z.array(
  z.looseObject({
    comment: z.optional(z.unknown()),
    /** As incidents have it. */
    createdTime: z.optional(z.unknown()),
    /** As alerts have it. */
    createdDateTime: z.optional(z.unknown()),
  }),
);

/**
 * Whether an update whose answer was lost was made, by the look of the entity. A comment comes with the rest or after it, and so tells of
 * all; without one the members tell. Enumerations are in canonical spelling in both.
 * @param since epoch milliseconds at which the update was first tried: the same comment from before is another one.
 */
export function wasApplied(
  { comment, ...members }: { comment?: string | undefined },
  entity: Entity,
  since: number,
): boolean {
  return comment === undefined ? hasMembers(entity, members) : hasComment(entity, comment, since);
}

function hasMembers(entity: Entity, members: Record<string, unknown>): boolean {
  return Object.entries(members).every(
    // No owner is null in what the services answer, and empty text in an update.
    ([name, wanted]) => wanted === undefined || isDeepStrictEqual(entity[name] ?? '', wanted),
  );
}

function hasComment({ comments }: Entity, text: string, since: number): boolean {
  const found = commentsSchema.safeParse(comments).data ?? [];
  return found.some(({ comment, createdTime, createdDateTime }) => {
    const createdAt = Date.parse(String(createdTime ?? createdDateTime));
    return comment === text && !(createdAt < earliestOf(since));
  });
}
