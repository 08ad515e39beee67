import * as z from 'zod/mini';
import { alert } from '../../shared/defender/alert-schema.ts';
import { alertStatuses, serviceSources, severities } from '../../shared/defender/enum-aliases.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, instant, oneOf, pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';

const status = oneOf(alertStatuses, ['New', 'InProgress', 'Resolved']);

/** Alerts of one tenant, newest first. */
export const listAlerts = endpoint({
  route: 'GET alerts',
  summary: 'List alerts',
  query: z.object({
    status: withDescription(z.optional(commaList(status)), 'Alerts in one of these states'),
    severity: withDescription(z.optional(commaList(oneOf(severities))), 'Alerts of one of these severities'),
    serviceSource: withDescription(z.optional(commaList(oneOf(serviceSources))), 'Alerts from one of these products'),
    assignedTo: withDescription(z.optional(z.string()), 'Alerts that this user owns'),
    createdSince: withDescription(z.optional(instant), 'Alerts created at this instant or later'),
    updatedSince: withDescription(z.optional(instant), 'Alerts updated at this instant or later'),
    top: withDescription(pageSize, 'How many alerts to answer on a page'),
  }),
  reply: pageOf(alert),
  handle: ({ query, cursor, defender }) => defender.alerts.list(query, cursor),
});
