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
  role: 'Incident.Read',
  query: z.object({
    status: withDescription(z.optional(commaList(oneOf(incidentStatuses))), 'Filter by status'),
    severity: withDescription(
      z.optional(commaList(oneOf(severities))),
      'Filter by severity. Applied after paging: a page may be shorter than top.',
    ),
    assignedTo: withDescription(z.optional(upTo(256)), 'Filter by owner'),
    createdSince: withDescription(z.optional(instant), 'Created at or after this time'),
    updatedSince: withDescription(z.optional(instant), 'Updated at or after this time'),
    updatedBefore: withDescription(z.optional(instant), 'Updated before this time'),
    top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.'),
  }),
  reply: pageOf(incident),
  handle: ({ query, cursor, defender }) => defender.incidents.list(query, cursor),
});
