import * as z from 'zod/mini';
import { incidentStatuses, severities, spelledOnce } from '../shared/defender/spellings.ts';
import { RequestError } from '../shared/errors.ts';
import { endpoint } from '../shared/inbound/endpoint.ts';
import { commaList, oneOf } from '../shared/inbound/input.ts';
import { pollReply } from '../shared/inbound/poll-reply.ts';
import { described } from '../shared/schema.ts';

const pollEvents = spelledOnce(['incident.created', 'incident.updated']);

/** Tells a workflow of new incidents: a polling trigger, whose memory is all in `state`. */
export const pollIncidents = endpoint({
  route: 'GET triggers/incidents',
  summary: 'When there are new incidents',
  trigger: {
    kind: 'polling',
    hint: 'Create an incident in Microsoft Defender XDR: it is found within a minute or two.',
  },
  query: z.object({
    events: described(z._default(commaList(oneOf(pollEvents)), ['incident.created']), 'What counts as new'),
    minimumSeverity: described(z.optional(oneOf(severities)), 'Incidents at least this severe'),
    status: described(z.optional(commaList(oneOf(incidentStatuses))), 'Incidents in one of these states'),
    state: described(
      z.optional(z.string()),
      'Where the last answer left off, as its Location has it; without it the trigger begins now',
    ).register(z.globalRegistry, { 'x-ms-visibility': 'internal' }),
  }),
  reply: pollReply,
  async handle({ query, defender, services, principal, linkTo }) {
    const { beginPolling, pollIncidents: poll } = await import('../shared/automation/poll-incidents.ts');
    const { parsePollState, writePollState } = await import('../shared/automation/poll-state.ts');
    const { state: text, ...request } = query;
    const binding = JSON.stringify([principal.tenantId, request]);
    const parts = {
      readWindow: (window: Parameters<typeof defender.incidents.readWindow>[0], skip: number) =>
        defender.incidents.readWindow(window, { skip }),
      now: services.clock.now,
      overlapMs: services.config.syncOverlapMs,
    };
    const state = text === undefined ? undefined : parsePollState(text, binding);
    if (text !== undefined && state === undefined) throw notOurs();
    const polled =
      state === undefined
        ? { incidents: [], state: await beginPolling(parts, request), hasMore: false }
        : await poll(parts, request, state);
    return {
      ...polled,
      location: withQuery(linkTo('/triggers/incidents'), request, writePollState(polled.state, binding)),
    };
  },
});

function withQuery(address: string, request: Record<string, string | string[] | undefined>, state: string): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(request))
    if (value !== undefined) url.searchParams.set(name, String(value));
  url.searchParams.set('state', state);
  return url.href;
}

function notOurs(): RequestError {
  const detail =
    'must be taken from the Location of the last answer, unchanged, with the other parameters of that address';
  return new RequestError(400, 'InvalidRequest', `state ${detail}.`, {
    errors: [{ in: 'query', name: 'state', detail }],
    nextStep: 'Call without state to begin anew: what was updated until then is not told.',
  });
}
