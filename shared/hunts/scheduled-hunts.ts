import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Queue } from '../storage/queues.ts';
import { everyTenant } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { SavedHunts } from './saved-hunts.ts';

interface ScheduleParts {
  hunts: SavedHunts;
  tenants: Pick<Tenants, 'listServedTenants'>;
  queue: Queue;
  clock: Clock;
}

const sendConcurrency = 32;

/**
 * Has every hunt run that is due, in each of its tenants: a message each. First sent, then noted, so that a crash between the two makes
 * messages twice, which run once.
 */
export async function runDueHunts({ hunts, tenants, queue, clock }: ScheduleParts, log: Log): Promise<void> {
  const due = (await hunts.list()).filter(({ nextRunAt }) => nextRunAt <= clock.now());
  if (due.length === 0) return;
  const served = (await tenants.listServedTenants()).filter(({ isPending }) => !isPending);
  for (const hunt of due) {
    const wanted = served.filter(
      ({ tenantId }) => hunt.tenantIds.includes(everyTenant) || hunt.tenantIds.includes(tenantId),
    );
    const dueAt = new Date(hunt.nextRunAt).toISOString();
    await pMap(wanted, ({ tenantId }) => queue.send({ huntId: hunt.id, tenantId, dueAt }), {
      concurrency: sendConcurrency,
    });
    await hunts.postpone(hunt);
  }
  log.info(`${due.length} hunts are due.`);
}
