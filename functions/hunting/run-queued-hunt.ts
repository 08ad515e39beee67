import * as z from 'zod/mini';
import { queueJob } from '../../shared/inbound/queue-job.ts';

/** Runs a hunting job, or a saved hunt that is due in a tenant. */
export const runQueuedHunt = queueJob({
  summary: 'Run a queued hunt',
  queue: 'defender-hunts',
  message: z.union([
    z.strictObject({ operationId: z.string() }),
    z.strictObject({ huntId: z.guid(), tenantId: z.guid(), dueAt: z.iso.datetime(), throttled: z.optional(z.int()) }),
  ]),
  async handle(services, message) {
    const { runHuntingJob, runSavedHunt } = await services.openAutomation();
    if ('huntId' in message) return await runSavedHunt(message);
    const { toFailure } = await import('./hunting-failure.ts');
    await runHuntingJob(message.operationId, toFailure);
  },
});
