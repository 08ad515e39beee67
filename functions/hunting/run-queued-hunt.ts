import * as z from 'zod/mini';
import { queueJob } from '../../shared/inbound/queue-job.ts';

/** Runs a hunt that was accepted, or one that is due by its schedule. */
export const runQueuedHunt = queueJob({
  summary: 'Run a hunt',
  queue: 'defender-hunts',
  message: z.union([
    z.strictObject({ operationId: z.string() }),
    z.strictObject({ huntId: z.guid(), tenantId: z.guid(), dueAt: z.iso.datetime(), throttled: z.optional(z.int()) }),
  ]),
  async handle(services, message) {
    const { runJob, runScheduled } = await services.openAutomation();
    if ('huntId' in message) return await runScheduled(message);
    const { toFailure } = await import('./hunting-failure.ts');
    await runJob(message.operationId, toFailure);
  },
});
