import * as z from 'zod/mini';
import { incident } from '../../shared/defender/incident-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { incidentId } from '../../shared/inbound/input.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** One incident. A merged incident has `redirectIncidentId`. */
export const getIncident = endpoint({
  route: 'GET incidents/{incidentId}',
  summary: 'Get an incident',
  role: 'Incident.Read',
  path: z.object({ incidentId: withDescription(incidentId, 'Incident ID') }),
  reply: jsonText(incident, 'The incident'),
  handle: ({ path, defender }) => defender.incidents.get(path.incidentId),
});
