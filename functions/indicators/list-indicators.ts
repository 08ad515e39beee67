import * as z from 'zod/mini';
import { indicatorActions, indicatorTypes } from '../../shared/defender/endpoint-enums.ts';
import { indicator } from '../../shared/defender/indicator-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, oneOf, pageSize, upTo } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Active indicators of a tenant. */
export const listIndicators = endpoint({
  route: 'GET indicators',
  summary: 'List indicators',
  role: 'Ti.Read',
  query: z.object({
    indicatorType: withDescription(z.optional(commaList(oneOf(indicatorTypes))), 'Filter by type of the value'),
    indicatorValue: withDescription(z.optional(upTo(2048)), 'Filter by value'),
    action: withDescription(z.optional(commaList(oneOf(indicatorActions))), 'Filter by action'),
    top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.'),
  }),
  reply: pageOf(indicator),
  handle: ({ query, cursor, defender }) => defender.indicators.list(query, cursor),
});
