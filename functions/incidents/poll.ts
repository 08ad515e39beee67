import type { Defender } from '../../shared/defender/defender.ts';
import type { IncidentWindow } from '../../shared/defender/incident-window.ts';
import { invalidRequest, type RequestError } from '../../shared/errors.ts';
import { beginPolling, type PollRequest, pollIncidents } from '../../shared/incident-feed/poll-incidents.ts';
import { parsePollState, writePollState } from '../../shared/incident-feed/poll-state.ts';
import type { Services } from '../../shared/services.ts';
import type { Polled } from './poll-reply.ts';

interface PollCall {
  defender: Defender;
  services: Services;
  tenantId: string;
  /** What is asked for, and where the last answer left off. */
  query: PollRequest & { state?: string | undefined };
  /** The address of the operation, without its parameters. */
  address: string;
}

/**
 * Answers one call of a polling trigger.
 * @throws {RequestError} 400 for a state that was not made by it, for this tenant and these parameters.
 */
export async function answerPoll({ defender, services, tenantId, query, address }: PollCall): Promise<Polled> {
  const { state: text, ...request } = query;
  const binding = JSON.stringify([tenantId, request]);
  const parts = {
    readWindow: (window: IncidentWindow, skip: number) => defender.incidents.readWindow(window, { skip }),
    now: services.clock.now,
    overlapMs: services.config.syncOverlapMs,
  };
  const state = text === undefined ? undefined : parsePollState(text, binding);
  if (text !== undefined && state === undefined) throw notOurs();
  const polled =
    state === undefined
      ? { incidents: [], state: await beginPolling(parts, request), hasMore: false }
      : await pollIncidents(parts, request, state);
  return { ...polled, location: withQuery(address, { ...request, state: writePollState(polled.state, binding) }) };
}

function withQuery(address: string, query: object): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

function notOurs(): RequestError {
  const detail =
    'must be taken from the Location of the last answer, unchanged, with the other parameters of that address';
  return invalidRequest([{ in: 'query', name: 'state', detail }], {
    nextStep: 'Call without state to start again. Incidents updated before that call are skipped.',
  });
}
