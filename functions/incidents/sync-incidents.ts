import { job } from '../../shared/inbound/job.ts';

/** Has the incidents of every tenant looked at, and handed to whoever subscribed. */
export const syncIncidents = job({
  summary: 'Look for new incidents in every tenant',
  schedule: { setting: 'SYNC_INCIDENTS_SCHEDULE', defaultValue: '0 * * * * *' },
  async handle(services, context) {
    if (services.config.storage === undefined)
      return context.info('Incidents are not looked for: there is no storage.');
    const { syncTenants } = await services.openAutomation();
    await syncTenants(context);
  },
});
