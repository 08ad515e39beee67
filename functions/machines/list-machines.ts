import * as z from 'zod/mini';
import { exposureLevels, healthStatuses, riskScores } from '../../shared/defender/endpoint-enums.ts';
import { machine } from '../../shared/defender/machine-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, instant, oneOf, pageSize, upTo } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Machines that Defender for Endpoint has seen recently. */
export const listMachines = endpoint({
  route: 'GET machines',
  summary: 'List machines',
  role: 'Machine.Read',
  query: z.object({
    name: withDescription(z.optional(upTo(256)), 'Filter by prefix of the DNS name'),
    healthStatus: withDescription(z.optional(commaList(oneOf(healthStatuses))), 'Filter by sensor health status'),
    riskScore: withDescription(z.optional(commaList(oneOf(riskScores))), 'Filter by risk score'),
    exposureLevel: withDescription(z.optional(commaList(oneOf(exposureLevels))), 'Filter by exposure level'),
    lastSeenSince: withDescription(z.optional(instant), 'Machines last seen at or after this time'),
    top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.'),
  }),
  reply: pageOf(machine),
  handle: ({ query, cursor, defender }) => defender.machines.list(query, cursor),
});
