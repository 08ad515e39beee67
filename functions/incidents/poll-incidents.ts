import * as z from 'zod/mini';
import { defineEnum, incidentStatuses, severities } from '../../shared/defender/enum-aliases.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, oneOf } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';
import { pollReply } from './poll-reply.ts';

const pollEvents = defineEnum(['incident.created', 'incident.updated']);

/** Tells a workflow of new incidents: a polling trigger, whose memory is all in `state`. */
export const pollIncidents = endpoint({
  route: 'GET triggers/incidents',
  summary: 'When there are new incidents',
  trigger: {
    kind: 'polling',
    hint: 'Create an incident in Microsoft Defender XDR: it is found within a minute or two.',
  },
  query: z.object({
    events: withDescription(z._default(commaList(oneOf(pollEvents)), ['incident.created']), 'What counts as new'),
    minimumSeverity: withDescription(z.optional(oneOf(severities)), 'Incidents at least this severe'),
    status: withDescription(z.optional(commaList(oneOf(incidentStatuses))), 'Incidents in one of these states'),
    state: withDescription(
      z.optional(z.string()),
      'Where the last answer left off, as its Location has it; without it the trigger begins now',
    ).register(z.globalRegistry, { 'x-ms-visibility': 'internal' }),
  }),
  reply: pollReply,
  async handle({ query, defender, services, principal, linkTo }) {
    const { answerPoll } = await import('./poll.ts');
    const { tenantId } = principal;
    return await answerPoll({ defender, services, tenantId, query, address: linkTo('/triggers/incidents') });
  },
});
