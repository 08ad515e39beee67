import { job } from '../../shared/inbound/job.ts';

/** Runs the incident feeds that have listeners. */
export const syncIncidents = job({
  summary: 'Run the incident feeds',
  schedule: { setting: 'SYNC_INCIDENTS_SCHEDULE', defaultValue: '0 * * * * *' },
  async handle(services, context) {
    if (services.config.storage === undefined)
      return context.info('Incident feed disabled: AzureWebJobsStorage is not configured.');
    const { syncTenants } = await services.openAutomation();
    await syncTenants(context);
  },
});
