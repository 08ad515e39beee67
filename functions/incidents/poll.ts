import { invalidRequest, type RequestError } from '../../shared/errors.ts';
import { parsePollState, writePollState } from '../../shared/incident-feed/poll-state.ts';
import type { Log } from '../../shared/log.ts';
import type { Services } from '../../shared/services.ts';
import type { EventFilter } from '../../shared/webhooks/subscription.ts';
import type { Polled } from './poll-reply.ts';

interface PollCall {
  services: Services;
  tenantId: string;
  query: EventFilter & { state?: string | undefined };
  /** Absolute URL of the operation, without its parameters. */
  address: string;
  log: Log;
}

/**
 * Answers one poll.
 * @throws {RequestError} 400 for a state that was not issued for this tenant and these parameters.
 */
export async function answerPoll({ services, tenantId, query, address, log }: PollCall): Promise<Polled> {
  const { state: text, ...filter } = query;
  const binding = JSON.stringify([tenantId, filter]);
  const { stateProtection } = services;
  const state = text === undefined ? undefined : await parsePollState(stateProtection, text, binding);
  if (text !== undefined && state === undefined) throw invalidState();
  const { polls } = await services.openAutomation();
  const polled = await polls.poll({ tenantId, filter, state }, log);
  const next = await writePollState(stateProtection, polled.state, binding);
  return { ...polled, location: withQuery(address, { ...filter, state: next }) };
}

function withQuery(address: string, query: object): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

function invalidState(): RequestError {
  const detail = 'must be taken unchanged from the Location header of the previous response, with its other parameters';
  return invalidRequest([{ in: 'query', name: 'state', detail }], {
    nextStep: 'Call without state to start now. Earlier incidents are then not returned.',
  });
}
