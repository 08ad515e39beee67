import * as z from 'zod/mini';
import { endpoint } from '../shared/inbound/endpoint.ts';
import { noContent } from '../shared/inbound/reply.ts';
import { subscriptionId } from '../shared/inbound/subscription-input.ts';

/** Ends a subscription; what still waits for it is dropped. */
export const unsubscribe = endpoint({
  route: 'DELETE subscriptions/{subscriptionId}',
  summary: 'Unsubscribe',
  hasTenant: false,
  isForMachines: true,
  path: z.object({ subscriptionId }),
  reply: noContent('The subscription has ended'),
  async handle({ path, services }) {
    const { desk } = await services.openAutomation();
    await desk.remove(path.subscriptionId);
  },
});
