import { job } from '../../shared/inbound/job.ts';

/** Removes expired invitations, stored responses, incidents, deliveries and hunting results. */
export const cleanUp = job({
  summary: 'Remove expired data from storage',
  schedule: { defaultValue: '0 20 * * * *' },
  async handle(services, log) {
    const { cleanUp } = await import('../../shared/health/run-clean-up.ts');
    await cleanUp(await services.listCleanupSteps(), services.clock, log);
  },
});
