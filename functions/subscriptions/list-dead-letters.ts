import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { subscriptionId } from './subscription-input.ts';
import { deadLetter, toDeadLetterReply } from './subscription-reply.ts';

/** The deliveries to a subscriber that were given up; they are kept for thirty days. */
export const listDeadLetters = endpoint({
  route: 'GET subscriptions/{subscriptionId}/dead-letters',
  summary: 'List dead letters',
  hasTenant: false,
  path: z.object({ subscriptionId }),
  query: z.object({ top: withDescription(pageSize, 'How many dead letters to answer on a page') }),
  reply: pageOf(deadLetter),
  async handle({ path, query: { top }, cursor: { skip } = { skip: 0 }, services }) {
    const { subscriptions, subscriptionAdmin } = await services.openAutomation();
    if ((await subscriptions.get(path.subscriptionId)) === undefined)
      throw new RequestError(404, 'NotFound', `There is no subscription ${path.subscriptionId}.`);
    const found = await subscriptionAdmin.listDeadLetters(path.subscriptionId);
    const end = skip + top;
    const text = JSON.stringify(found.slice(skip, end).map(toDeadLetterReply));
    return { text, next: end < found.length ? { skip: end } : undefined };
  },
});
