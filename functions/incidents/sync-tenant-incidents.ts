import * as z from 'zod/mini';
import { queueJob } from '../../shared/inbound/queue-job.ts';

/** Runs the incident feed of one tenant. */
export const syncTenantIncidents = queueJob({
  summary: 'Run the incident feed of a tenant',
  queue: 'defender-incident-feed',
  message: z.strictObject({ tenantId: z.guid(), activeSince: z.iso.datetime() }),
  async handle(services, { tenantId, activeSince }, context) {
    const served = await services.tenants.findServedTenant(tenantId);
    if (served === undefined || served.isPending) return;
    const { feed } = await services.openAutomation();
    await feed.run(tenantId, Date.parse(activeSince), context);
  },
});
