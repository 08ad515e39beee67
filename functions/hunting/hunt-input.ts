import * as z from 'zod/mini';
import { parseNcrontab } from '../../shared/hunts/ncrontab.ts';
import { parsedString } from '../../shared/schema.ts';
import { readGuid } from '../../shared/tenant-id.ts';

/** The id of a saved hunt, in a path. */
export const huntId = parsedString(readGuid, 'must be the id of a saved hunt: a GUID').register(z.globalRegistry, {
  type: 'string',
  format: 'uuid',
});

/** When to run a hunt: NCRONTAB that comes to a run. */
export const schedule = z.string().check(z.maxLength(200, { abort: true }), ({ value, issues }) => {
  const message = findMistake(value);
  if (message !== undefined) issues.push({ code: 'custom', message, input: value });
});

function findMistake(text: string): string | undefined {
  try {
    return parseNcrontab(text).next(0) === undefined ? 'must be NCRONTAB that comes to a run' : undefined;
  } catch (error) {
    return `must be NCRONTAB: ${error instanceof Error ? error.message.replace(/\.$/, '') : error}`;
  }
}
