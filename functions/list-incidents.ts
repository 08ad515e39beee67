import * as z from 'zod/mini';
import { incident } from '../shared/defender/incident-schema.ts';
import { incidentStatuses, severities } from '../shared/defender/spellings.ts';
import { endpoint } from '../shared/inbound/endpoint.ts';
import { commaList, instant, oneOf, pageSize } from '../shared/inbound/input.ts';
import { pageOf } from '../shared/inbound/page-reply.ts';
import { described } from '../shared/schema.ts';

/** Incidents of one tenant, newest first. */
export const listIncidents = endpoint({
  route: 'GET incidents',
  summary: 'List incidents',
  query: z.object({
    status: described(z.optional(commaList(oneOf(incidentStatuses))), 'Incidents in one of these states'),
    severity: described(z.optional(commaList(oneOf(severities))), 'Incidents of one of these severities'),
    assignedTo: described(z.optional(z.string()), 'Incidents that this user owns'),
    createdSince: described(z.optional(instant), 'Incidents created at this instant or later'),
    updatedSince: described(z.optional(instant), 'Incidents updated at this instant or later'),
    updatedBefore: described(z.optional(instant), 'Incidents updated before this instant'),
    top: described(pageSize, 'How many incidents to answer on a page'),
  }),
  reply: pageOf(incident),
  handle: ({ query, cursor, defender }) => defender.incidents.list(query, cursor),
});
