import * as z from 'zod/mini';
import { endpoint } from '../shared/inbound/endpoint.ts';
import { huntingReply } from '../shared/inbound/hunting-reply.ts';
import { nonBlank } from '../shared/inbound/input.ts';
import { timespan } from '../shared/inbound/timespan.ts';
import { described } from '../shared/schema.ts';

/** Advanced hunting: runs a KQL query and answers its rows as JSON, CSV or NDJSON. */
export const runHuntingQuery = endpoint({
  route: 'POST hunting',
  summary: 'Run a hunting query',
  body: z.strictObject({
    query: described(nonBlank, 'The query, in KQL'),
    timespan: described(
      z.optional(timespan),
      'How far to look back, as an ISO 8601 duration or interval; 30 days without it',
    ),
  }),
  reply: huntingReply,
  handle: ({ body, defender }) => defender.hunting.run(body),
});
