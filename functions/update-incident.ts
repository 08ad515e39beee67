import * as z from 'zod/mini';
import { incident } from '../shared/defender/incident-schema.ts';
import { incidentStatuses } from '../shared/defender/spellings.ts';
import { endpoint } from '../shared/inbound/endpoint.ts';
import {
  incidentId,
  nonBlank,
  oneOf,
  settableClassification,
  settableDetermination,
  someOf,
} from '../shared/inbound/input.ts';
import { jsonText } from '../shared/inbound/reply.ts';
import { described } from '../shared/schema.ts';

const status = oneOf(incidentStatuses, ['Active', 'InProgress', 'Resolved', 'Redirected']);

/** Changes what is given of an incident, and leaves the rest. */
export const updateIncident = endpoint({
  route: 'PATCH incidents/{incidentId}',
  summary: 'Update an incident',
  changesDefender: true,
  path: z.object({ incidentId: described(incidentId, 'The number of the incident') }),
  body: someOf({
    status: described(status, 'The new state'),
    assignedTo: described(z.string(), 'The new owner; empty for none'),
    classification: described(settableClassification, 'What the incident turned out to be'),
    determination: described(settableDetermination, 'What exactly it turned out to be'),
    tags: described(z.array(nonBlank), 'The new tags, instead of all that are there'),
    comment: described(nonBlank, 'A comment to add'),
  }),
  reply: jsonText(incident, 'The updated incident'),
  handle: ({ path, body, defender, uncertainSince }) =>
    defender.incidents.update(path.incidentId, body, uncertainSince),
});
