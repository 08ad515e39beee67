import { job } from '../../shared/inbound/job.ts';

/** Has the saved hunts run that are due. */
export const runScheduledHunts = job({
  summary: 'Run the saved hunts that are due',
  schedule: { setting: 'SCHEDULED_HUNTS_SCHEDULE', defaultValue: '0 */5 * * * *' },
  async handle(services, context) {
    if (services.config.storage === undefined) return context.info('No hunts are run: there is no storage.');
    const { runDue } = await services.openAutomation();
    await runDue(context);
  },
});
