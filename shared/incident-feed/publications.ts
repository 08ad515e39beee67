import * as z from 'zod/mini';
import { parsedString } from '../schema.ts';
import { parseStored } from '../storage/stored-json.ts';
import type { Publication, VersionPosition } from '../webhooks/event.ts';

const position = z.object({ sequence: z.int(), updatedAt: z.int() });
const publications = z.array(
  z.object({ severity: z.optional(z.string()), status: z.optional(z.string()), first: position, last: position }),
);

export const publicationsText = parsedString((text) => parseStored(publications, text), 'must be publications');

/** More than the enumerations have combinations, unless a service invents them. */
const maxPublications = 64;

/** The publications of an incident after one more version. */
export function addPublication(
  published: readonly Publication[],
  { severity, status }: Pick<Publication, 'severity' | 'status'>,
  position: VersionPosition,
): Publication[] {
  const isSame = (each: Publication) => each.severity === severity && each.status === status;
  const known = published.find(isSame);
  const others = published.filter((each) => !isSame(each));
  return [...others.slice(1 - maxPublications), { severity, status, first: known?.first ?? position, last: position }];
}
