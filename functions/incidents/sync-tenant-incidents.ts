import * as z from 'zod/mini';
import { queueJob } from '../../shared/inbound/queue-job.ts';

/** Hands on what is new of one tenant's incidents. */
export const syncTenantIncidents = queueJob({
  summary: 'Look for new incidents in one tenant',
  queue: 'defender-incident-feed',
  message: z.strictObject({ tenantId: z.guid() }),
  async handle(services, { tenantId }, context) {
    const served = await services.tenants.findServedTenant(tenantId);
    if (served === undefined || served.isPending) return;
    const { feed } = await services.openAutomation();
    await feed.run(tenantId, context);
  },
});
