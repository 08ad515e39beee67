import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { stringMatching, withDescription } from '../../shared/schema.ts';
import { huntingReply } from './hunting-reply.ts';

const operationId = stringMatching(/^[0-9a-f]{32}$/, 'must be the id of a hunt, from the Location of its 202');

/** The result of a hunt that was accepted with `Prefer: respond-async`; it is kept for a day. */
export const getHuntingResult = endpoint({
  route: 'GET hunting/{operationId}',
  summary: 'Get a hunting result',
  path: z.object({ operationId: withDescription(operationId, 'The id of the hunt, from the Location of its 202') }),
  reply: huntingReply,
  async handle({ path, services, principal, linkTo }) {
    const { jobs } = await services.openAutomation();
    const outcome = await jobs.find(path.operationId, principal);
    switch (outcome?.kind) {
      case undefined:
        throw new RequestError(404, 'NotFound', 'There is no such hunt, or its result is older than a day.');
      case 'failed':
        return (await import('./hunting-failure.ts')).raiseFailure(outcome.failure);
      case 'running':
        return { location: linkTo(`/hunting/${path.operationId}`), isAccepted: false };
      case 'done':
        return outcome.result;
    }
  },
});
