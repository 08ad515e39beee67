import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { indicatorId } from '../../shared/inbound/input.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Deletes an indicator, if it exists. */
export const deleteIndicator = endpoint({
  route: 'DELETE indicators/{indicatorId}',
  summary: 'Delete an indicator',
  role: 'Ti.ReadWrite',
  changesDefender: true,
  path: z.object({ indicatorId: withDescription(indicatorId, 'Indicator ID') }),
  reply: noContent('The indicator is deleted, or there was none'),
  handle: ({ path, defender }) => defender.indicators.delete(path.indicatorId),
});
