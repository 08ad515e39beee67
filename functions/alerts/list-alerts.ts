import * as z from 'zod/mini';
import { alert } from '../../shared/defender/alert-schema.ts';
import { alertStatuses, serviceSources, severities } from '../../shared/defender/enum-aliases.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, instant, oneOf, pageSize, upTo } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';

const status = oneOf(alertStatuses, ['New', 'InProgress', 'Resolved']);

/** Alerts of one tenant, newest first. */
export const listAlerts = endpoint({
  route: 'GET alerts',
  summary: 'List alerts',
  role: 'Alert.Read',
  query: z.object({
    status: withDescription(z.optional(commaList(status)), 'Filter by status'),
    severity: withDescription(z.optional(commaList(oneOf(severities))), 'Filter by severity'),
    serviceSource: withDescription(
      z.optional(commaList(oneOf(serviceSources))),
      'Filter by the product that raised the alert',
    ),
    assignedTo: withDescription(z.optional(upTo(256)), 'Filter by owner (user principal name)'),
    createdSince: withDescription(z.optional(instant), 'Alerts created at or after this time'),
    updatedSince: withDescription(z.optional(instant), 'Alerts updated at or after this time'),
    top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.'),
  }),
  reply: pageOf(alert),
  handle: ({ query, cursor, defender }) => defender.alerts.list(query, cursor),
});
