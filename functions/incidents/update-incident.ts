import * as z from 'zod/mini';
import { incidentStatuses } from '../../shared/defender/enum-aliases.ts';
import { incident } from '../../shared/defender/incident-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { incidentId, listOf, nonBlank, oneOf, someOf } from '../../shared/inbound/input.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { triageMembers } from '../../shared/inbound/triage-input.ts';
import { withDescription } from '../../shared/schema.ts';

const status = oneOf(incidentStatuses, ['Active', 'InProgress', 'Resolved', 'Redirected']);

/** Updates an incident. Absent members keep their values. */
export const updateIncident = endpoint({
  route: 'PATCH incidents/{incidentId}',
  summary: 'Update an incident',
  role: 'Incident.ReadWrite',
  changesDefender: true,
  path: z.object({ incidentId: withDescription(incidentId, 'Incident ID') }),
  body: someOf({
    status: withDescription(status, 'New status'),
    ...triageMembers,
    tags: withDescription(listOf(nonBlank), 'New tags, at most 20, which replace the existing ones'),
  }),
  reply: jsonText(incident, 'The updated incident'),
  handle: ({ path, body, defender, previousAttemptAt }) =>
    defender.incidents.update(path.incidentId, body, previousAttemptAt),
});
