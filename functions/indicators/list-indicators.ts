import * as z from 'zod/mini';
import { indicatorActions, indicatorTypes } from '../../shared/defender/endpoint-enums.ts';
import { indicator } from '../../shared/defender/indicator-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { commaList, oneOf, pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Indicators of one tenant that are active. */
export const listIndicators = endpoint({
  route: 'GET indicators',
  summary: 'List indicators',
  query: z.object({
    indicatorType: withDescription(z.optional(commaList(oneOf(indicatorTypes))), 'Indicators of one of these types'),
    indicatorValue: withDescription(z.optional(z.string()), 'The indicator of this value'),
    action: withDescription(z.optional(commaList(oneOf(indicatorActions))), 'Indicators that do one of these'),
    top: withDescription(pageSize, 'How many indicators to answer on a page'),
  }),
  reply: pageOf(indicator),
  handle: ({ query, cursor, defender }) => defender.indicators.list(query, cursor),
});
