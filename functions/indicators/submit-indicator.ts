import { indicator } from '../../shared/defender/indicator-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { indicatorInput } from './indicator-input.ts';

/** Creates an indicator, or replaces the one with the same value. */
export const submitIndicator = endpoint({
  route: 'POST indicators',
  summary: 'Submit an indicator',
  role: 'Ti.ReadWrite',
  changesDefender: true,
  body: indicatorInput,
  auditTarget: ({ body }) => ({ type: 'indicator', id: body.indicatorValue }),
  reply: jsonText(indicator, 'The indicator'),
  handle: ({ body, defender }) => defender.indicators.submit(body),
});
