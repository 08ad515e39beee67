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

/** Changes what is given of an incident, and leaves the rest. */
export const updateIncident = endpoint({
  route: 'PATCH incidents/{incidentId}',
  summary: 'Update an incident',
  changesDefender: true,
  path: z.object({ incidentId: withDescription(incidentId, 'The number of the incident') }),
  body: someOf({
    status: withDescription(status, 'The new state'),
    assignedTo: withDescription(upTo(256), 'The new owner; empty for none'),
    classification: withDescription(settableClassification, 'What the incident turned out to be'),
    determination: withDescription(settableDetermination, 'What exactly it turned out to be'),
    tags: withDescription(listOf(nonBlank), 'The new tags, instead of all that are there'),
    comment: withDescription(comment, 'A comment to add'),
  }),
  reply: jsonText(incident, 'The updated incident'),
  handle: ({ path, body, defender, previousAttemptAt }) =>
    defender.incidents.update(path.incidentId, body, previousAttemptAt),
});
