import { job } from '../../shared/inbound/job.ts';

/** Enqueues the saved hunts that are due. */
export const runScheduledHunts = job({
  summary: 'Run the saved hunts that are due',
  schedule: { setting: 'SCHEDULED_HUNTS_SCHEDULE', defaultValue: '0 */5 * * * *' },
  async handle(services, context) {
    if (services.config.storage === undefined)
      return context.info('Saved hunts disabled: AzureWebJobsStorage is not configured.');
    const { enqueueDueHunts } = await services.openAutomation();
    await enqueueDueHunts(context);
  },
});
