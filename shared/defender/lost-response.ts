import { isDeepStrictEqual } from 'node:util';
import { type Entity, isEntity } from './entity.ts';
import { parseTicks, toEpochMs } from './ticks.ts';

/** Largest assumed difference between Defender's clock and ours. */
const maxClockSkewMs = 5 * 60_000;

/** Earliest time by Defender's clock of a change that was first sent at `sentAt`. Both are epoch milliseconds. */
export const toEarliestAt = (sentAt: number): number => sentAt - maxClockSkewMs;

/**
 * Whether an update whose response was lost has been applied. A comment is sent with the other members or after them, so its presence
 * proves the whole update; without a comment the members are compared. Enumerations are canonical in both arguments.
 * @param previousAttemptAt epoch milliseconds of the first attempt: an older comment with the same text does not count.
 */
export function wasApplied(
  { comment, ...members }: { comment?: string | undefined },
  entity: Entity,
  previousAttemptAt: number,
): boolean {
  return comment === undefined ? hasMembers(entity, members) : hasComment(entity, comment, previousAttemptAt);
}

function hasMembers(entity: Entity, members: Record<string, unknown>): boolean {
  return Object.entries(members).every(
    // An unassigned entity has null in responses and an empty string in updates.
    ([name, sent]) => sent === undefined || isDeepStrictEqual(entity[name] ?? '', sent),
  );
}

/** Comments of incidents have a `createdTime`, those of alerts a `createdDateTime`. */
function hasComment({ comments }: Entity, text: string, previousAttemptAt: number): boolean {
  const found = Array.isArray(comments) ? comments.filter(isEntity) : [];
  return found.some(({ comment, createdTime, createdDateTime }) => {
    const createdAt = parseTicks(createdTime ?? createdDateTime);
    return comment === text && !(createdAt !== undefined && toEpochMs(createdAt) < toEarliestAt(previousAttemptAt));
  });
}
