import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { kql } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';
import { huntingReply } from './hunting-reply.ts';
import { timespan } from './timespan.ts';

/** Advanced hunting: runs a KQL query and answers its rows as JSON, CSV or NDJSON, or with `Prefer: respond-async` where they will be. */
export const runHuntingQuery = endpoint({
  route: 'POST hunting',
  summary: 'Run a hunting query',
  supportsRespondAsync: true,
  body: z.strictObject({
    query: withDescription(kql, 'The query, in KQL'),
    timespan: withDescription(
      z.optional(timespan),
      'How far to look back, as an ISO 8601 duration or interval; 30 days without it',
    ),
  }),
  reply: huntingReply,
  async handle({ body, defender, services, principal, prefersAsync, linkTo }) {
    if (!prefersAsync) return await defender.hunting.run(body);
    await defender.hunting.check(body);
    const { jobs } = await services.openAutomation();
    const operationId = await jobs.accept(principal, body);
    if (principal.kind === 'user') {
      const { toFailure } = await import('./hunting-failure.ts');
      void jobs.runAs(operationId, defender, toFailure);
    }
    return { location: linkTo(`/hunting/${operationId}`), isAccepted: true };
  },
});
