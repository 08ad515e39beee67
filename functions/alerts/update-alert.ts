import * as z from 'zod/mini';
import { alert } from '../../shared/defender/alert-schema.ts';
import { alertStatuses } from '../../shared/defender/enum-aliases.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import {
  alertId,
  nonBlank,
  oneOf,
  settableClassification,
  settableDetermination,
  someOf,
} from '../../shared/inbound/input.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

const status = oneOf(alertStatuses, ['New', 'InProgress', 'Resolved']);

/** Changes what is given of an alert, and leaves the rest. */
export const updateAlert = endpoint({
  route: 'PATCH alerts/{alertId}',
  summary: 'Update an alert',
  changesDefender: true,
  path: z.object({ alertId: withDescription(alertId, 'The id of the alert') }),
  body: someOf({
    status: withDescription(status, 'The new state'),
    assignedTo: withDescription(z.string(), 'The new owner; empty for none'),
    classification: withDescription(settableClassification, 'What the alert turned out to be'),
    determination: withDescription(settableDetermination, 'What exactly it turned out to be'),
    comment: withDescription(nonBlank, 'A comment to add'),
  }),
  reply: jsonText(alert, 'The updated alert'),
  handle: ({ path, body, defender, previousAttemptAt }) =>
    defender.alerts.update(path.alertId, body, previousAttemptAt),
});
