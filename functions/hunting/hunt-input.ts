import * as z from 'zod/mini';
import { messageOf } from '../../shared/errors.ts';
import { parseNcrontab } from '../../shared/hunts/ncrontab.ts';
import { kql } from '../../shared/inbound/input.ts';
import { parsedString, withDescription } from '../../shared/schema.ts';
import { readGuid } from '../../shared/tenant-id.ts';
import { timespan } from './timespan.ts';

/** The body of a hunting query. */
export const huntingQuery = {
  query: withDescription(kql, 'Query in KQL'),
  timespan: withDescription(
    z.optional(timespan),
    'Time range of the query: an ISO 8601 duration or interval. Default: 30 days.',
  ),
};

/** The id of a saved hunt in a path. */
export const huntId = parsedString(readGuid, 'must be the id of a saved hunt, a GUID').register(z.globalRegistry, {
  type: 'string',
  format: 'uuid',
  description: 'Hunt ID',
});

/** NCRONTAB with a future occurrence. */
export const schedule = z.string().check(z.maxLength(200, { abort: true }), ({ value, issues }) => {
  const message = findMistake(value);
  if (message !== undefined) issues.push({ code: 'custom', message, input: value });
});

function findMistake(text: string): string | undefined {
  try {
    return parseNcrontab(text).next(0) === undefined
      ? 'must be a valid NCRONTAB expression with a future occurrence'
      : undefined;
  } catch (error) {
    return `must be a valid NCRONTAB expression: ${messageOf(error).replace(/\.$/, '')}`;
  }
}
