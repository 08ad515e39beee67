import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { indicatorId } from '../../shared/inbound/input.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Deletes an indicator; one that is gone already is fine. */
export const deleteIndicator = endpoint({
  route: 'DELETE indicators/{indicatorId}',
  summary: 'Delete an indicator',
  changesDefender: true,
  path: z.object({ indicatorId: withDescription(indicatorId, 'The number of the indicator') }),
  reply: noContent('There is no such indicator any more'),
  handle: ({ path, defender }) => defender.indicators.delete(path.indicatorId),
});
