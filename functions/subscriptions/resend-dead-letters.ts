import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { subscriptionId } from './subscription-input.ts';
import { subscription, toSubscriptionReply } from './subscription-reply.ts';

/** Has everything delivered once more that was given up, under the same `webhook-id`. */
export const resendDeadLetters = endpoint({
  route: 'POST subscriptions/{subscriptionId}/dead-letters',
  summary: 'Resend dead letters',
  hasTenant: false,
  takesIdempotencyKey: true,
  path: z.object({ subscriptionId }),
  reply: jsonAnswer(subscription, {
    description: 'The subscription, whose dead letters wait to be delivered again',
    statuses: [202],
  }),
  async handle({ path, services, linkTo }) {
    const { subscriptionAdmin } = await services.openAutomation();
    await subscriptionAdmin.resendDeadLetters(path.subscriptionId);
    const status = await subscriptionAdmin.find(path.subscriptionId);
    if (status === undefined)
      throw new RequestError(404, 'NotFound', `There is no subscription ${path.subscriptionId}.`);
    const headers = { location: linkTo(`/subscriptions/${path.subscriptionId}`), 'retry-after': '10' };
    return { status: 202, headers, value: toSubscriptionReply(status) };
  },
});
