import { indicator } from '../../shared/defender/indicator-schema.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { jsonText } from '../../shared/inbound/reply.ts';
import { indicatorInput } from './indicator-input.ts';

/** Submits an indicator, or changes the one that has its value. */
export const submitIndicator = endpoint({
  route: 'POST indicators',
  summary: 'Submit an indicator',
  changesDefender: true,
  body: indicatorInput,
  reply: jsonText(indicator, 'The indicator as it is now'),
  handle: ({ body, defender }) => defender.indicators.submit(body),
});
