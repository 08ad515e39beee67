import * as z from 'zod/mini';
import { incidentStatuses } from '../../shared/defender/enum-aliases.ts';
import { incident } from '../../shared/defender/incident-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import {
  comment,
  incidentId,
  listOf,
  nonBlank,
  oneOf,
  settableClassification,
  settableDetermination,
  someOf,
  upTo,
} from '../../shared/inbound/input.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

const status = oneOf(incidentStatuses, ['Active', 'InProgress', 'Resolved', 'Redirected']);

/** Updates the given properties of an incident. */
export const updateIncident = endpoint({
  route: 'PATCH incidents/{incidentId}',
  summary: 'Update an incident',
  role: 'Incident.ReadWrite',
  changesDefender: true,
  path: z.object({ incidentId: withDescription(incidentId, 'Incident ID') }),
  body: someOf({
    status: withDescription(status, 'Status'),
    assignedTo: withDescription(upTo(256), 'Owner. Empty to unassign.'),
    classification: withDescription(settableClassification, 'Classification'),
    determination: withDescription(settableDetermination, 'Determination. It must suit the classification.'),
    tags: withDescription(listOf(nonBlank), 'Tags, at most 20. Replaces the existing tags.'),
    comment: withDescription(comment, 'Comment to append, at most 4,096 characters'),
  }),
  reply: jsonText(incident, 'The updated incident'),
  handle: ({ path, body, defender, previousAttemptAt }) =>
    defender.incidents.update(path.incidentId, body, previousAttemptAt),
});
