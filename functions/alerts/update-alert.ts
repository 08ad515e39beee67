import * as z from 'zod/mini';
import { alert } from '../../shared/defender/alert-schema.ts';
import { alertStatuses } from '../../shared/defender/enum-aliases.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { alertId, oneOf, someOf } from '../../shared/inbound/input.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { triageMembers } from '../../shared/inbound/triage-input.ts';
import { withDescription } from '../../shared/schema.ts';

const status = oneOf(alertStatuses, ['New', 'InProgress', 'Resolved']);

/** Updates an alert. Absent members keep their values. */
export const updateAlert = endpoint({
  route: 'PATCH alerts/{alertId}',
  summary: 'Update an alert',
  role: 'Alert.ReadWrite',
  changesDefender: true,
  path: z.object({ alertId: withDescription(alertId, 'Alert ID') }),
  body: someOf({
    status: withDescription(status, 'New status'),
    ...triageMembers,
  }),
  reply: jsonText(alert, 'The updated alert'),
  handle: ({ path, body, defender, previousAttemptAt }) =>
    defender.alerts.update(path.alertId, body, previousAttemptAt),
});
