import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { huntingQuery } from './hunt-input.ts';
import { huntingReply } from './hunting-reply.ts';

/** Runs an advanced hunting query. Returns its rows as JSON, CSV or NDJSON or, with `Prefer: respond-async`, where they will be. */
export const runHuntingQuery = endpoint({
  route: 'POST hunting',
  summary: 'Run a hunting query',
  role: 'ThreatHunting.Read',
  supportsRespondAsync: true,
  body: z.strictObject(huntingQuery),
  reply: huntingReply,
  async handle({ body, defender, services, principal, access, prefersAsync, linkTo }) {
    await defender.hunting.check(body);
    if (!prefersAsync) return { read: (consume) => defender.hunting.run(body, consume) };
    const { huntingJobs } = await services.openAutomation();
    const operationId = await huntingJobs.accept(principal, access.ownerId, body);
    if (principal.kind === 'user') {
      const { toFailure } = await import('./hunting-failure.ts');
      void huntingJobs.runAsUser(operationId, defender, toFailure);
    }
    return { location: linkTo(`/hunting/${operationId}`), isAccepted: true };
  },
});
