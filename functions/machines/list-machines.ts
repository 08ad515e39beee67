import * as z from 'zod/mini';
import { exposureLevels, healthStatuses, riskScores } from '../../shared/defender/endpoint-enums.ts';
import { machine } from '../../shared/defender/machine-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, instant, oneOf, pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Machines of one tenant that Defender for Endpoint has seen of late. */
export const listMachines = endpoint({
  route: 'GET machines',
  summary: 'List machines',
  query: z.object({
    name: withDescription(z.optional(z.string()), 'Machines whose DNS name begins like this'),
    healthStatus: withDescription(z.optional(commaList(oneOf(healthStatuses))), 'Machines that report like this'),
    riskScore: withDescription(z.optional(commaList(oneOf(riskScores))), 'Machines at one of these risks'),
    exposureLevel: withDescription(z.optional(commaList(oneOf(exposureLevels))), 'Machines exposed like this'),
    lastSeenSince: withDescription(z.optional(instant), 'Machines last seen at this instant or later'),
    top: withDescription(pageSize, 'How many machines to answer on a page'),
  }),
  reply: pageOf(machine),
  handle: ({ query, cursor, defender }) => defender.machines.list(query, cursor),
});
