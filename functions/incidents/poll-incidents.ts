import * as z from 'zod/mini';
import { defineEnum, incidentStatuses, severities } from '../../shared/defender/enum-aliases.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, oneOf } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';
import { pollReply } from './poll-reply.ts';

const pollEvents = defineEnum(['incident.created', 'incident.updated']);

/** Polling trigger of a workflow, answered from the log of the incident feed. Its progress is in `state` only. */
export const pollIncidents = endpoint({
  route: 'GET triggers/incidents',
  summary: 'When an incident is created or updated (polling)',
  role: 'Incident.Read',
  requiresRoleOfUsers: true,
  trigger: {
    kind: 'polling',
    hint: 'Create an incident in Microsoft Defender XDR: it is found within two minutes.',
  },
  query: z.object({
    events: withDescription(
      z._default(commaList(oneOf(pollEvents)), ['incident.created']),
      'Events that fire the trigger. Default: incident.created.',
    ),
    minimumSeverity: withDescription(z.optional(oneOf(severities)), 'Minimum severity'),
    status: withDescription(z.optional(commaList(oneOf(incidentStatuses))), 'Filter by status'),
    state: z.optional(z.string().check(z.maxLength(2_048))).register(z.globalRegistry, {
      description: 'Cursor from the Location header of the previous response, valid for 180 days. Omit to start now.',
      'x-ms-visibility': 'internal',
    }),
  }),
  reply: pollReply,
  async handle({ query, services, principal, linkTo, log }) {
    const { answerPoll } = await import('./poll.ts');
    const { tenantId } = principal;
    return await answerPoll({ services, tenantId, query, address: linkTo('/triggers/incidents'), log });
  },
});
