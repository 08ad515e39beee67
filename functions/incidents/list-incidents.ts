import * as z from 'zod/mini';
import { incidentStatuses, severities } from '../../shared/defender/enum-aliases.ts';
import { incident } from '../../shared/defender/incident-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, instant, oneOf, pageSize, upTo } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Incidents of one tenant, newest first. */
export const listIncidents = endpoint({
  route: 'GET incidents',
  summary: 'List incidents',
  query: z.object({
    status: withDescription(z.optional(commaList(oneOf(incidentStatuses))), 'Incidents in one of these states'),
    severity: withDescription(z.optional(commaList(oneOf(severities))), 'Incidents of one of these severities'),
    assignedTo: withDescription(z.optional(upTo(256)), 'Incidents that this user owns'),
    createdSince: withDescription(z.optional(instant), 'Incidents created at this instant or later'),
    updatedSince: withDescription(z.optional(instant), 'Incidents updated at this instant or later'),
    updatedBefore: withDescription(z.optional(instant), 'Incidents updated before this instant'),
    top: withDescription(pageSize, 'How many incidents to answer on a page'),
  }),
  reply: pageOf(incident),
  handle: ({ query, cursor, defender }) => defender.incidents.list(query, cursor),
});
