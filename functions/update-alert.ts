import * as z from 'zod/mini';
import { alert } from '../shared/defender/alert-schema.ts';
import { alertStatuses } from '../shared/defender/spellings.ts';
import { endpoint } from '../shared/inbound/endpoint.ts';
import {
  alertId,
  nonBlank,
  oneOf,
  settableClassification,
  settableDetermination,
  someOf,
} from '../shared/inbound/input.ts';
import { jsonText } from '../shared/inbound/reply.ts';
import { described } from '../shared/schema.ts';

const status = oneOf(alertStatuses, ['New', 'InProgress', 'Resolved']);

/** Changes what is given of an alert, and leaves the rest. */
export const updateAlert = endpoint({
  route: 'PATCH alerts/{alertId}',
  summary: 'Update an alert',
  changesDefender: true,
  path: z.object({ alertId: described(alertId, 'The id of the alert') }),
  body: someOf({
    status: described(status, 'The new state'),
    assignedTo: described(z.string(), 'The new owner; empty for none'),
    classification: described(settableClassification, 'What the alert turned out to be'),
    determination: described(settableDetermination, 'What exactly it turned out to be'),
    comment: described(nonBlank, 'A comment to add'),
  }),
  reply: jsonText(alert, 'The updated alert'),
  handle: ({ path, body, defender, uncertainSince }) => defender.alerts.update(path.alertId, body, uncertainSince),
});
