import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import { canSee } from '../../shared/inbound/access.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { stringMatching, withDescription } from '../../shared/schema.ts';
import { huntingReply } from './hunting-reply.ts';

const operationId = stringMatching(/^[0-9a-f]{32}$/, 'must be the operation id in the Location of the 202 reply');

/** The result of a query that was accepted with `Prefer: respond-async`, kept for 24 hours. */
export const getHuntingResult = endpoint({
  route: 'GET hunting/{operationId}',
  summary: 'Get a hunting result',
  role: 'ThreatHunting.Read',
  path: z.object({ operationId: withDescription(operationId, 'Operation ID, from the `Location` of the 202 reply') }),
  reply: huntingReply,
  async handle({ path, services, principal, access, linkTo }) {
    const { huntingJobs } = await services.openAutomation();
    const outcome = await huntingJobs.find(path.operationId, principal, (createdBy) => canSee(access, createdBy));
    switch (outcome?.kind) {
      case undefined:
        throw new RequestError(
          404,
          'NotFound',
          'The operation does not exist, or its result has expired after 24 hours.',
        );
      case 'failed':
        return (await import('./hunting-failure.ts')).raiseFailure(outcome.failure);
      case 'running':
        return { location: linkTo(`/hunting/${path.operationId}`), isAccepted: false };
      case 'done':
        return outcome.result;
    }
  },
});
