import * as z from 'zod/mini';
import { queueJob } from '../../shared/inbound/queue-job.ts';

/** Delivers the due events of one subscription. */
export const deliverEvents = queueJob({
  summary: 'Deliver events to a subscriber',
  queue: 'defender-deliveries',
  message: z.strictObject({ subscriptionId: z.guid(), wakeId: z.optional(z.guid()) }),
  async handle(services, message) {
    const { dispatcher } = await services.openAutomation();
    await dispatcher.run(message);
  },
});
