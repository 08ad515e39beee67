import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import { lazy } from '../lazy.ts';
import type { Log } from '../log.ts';
import type { Queue } from '../storage/queues.ts';
import { everyTenant } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { SavedHunts } from './saved-hunts.ts';

interface ScheduleParts {
  hunts: Pick<SavedHunts, 'listAll' | 'postpone'>;
  tenants: Pick<Tenants, 'listServedTenants'>;
  queue: Queue;
  clock: Clock;
}

const sendConcurrency = 32;

/**
 * Sends a message for every due hunt and each of its tenants, then moves the hunt to its next run. A crash between the two sends messages
 * twice, which run once.
 */
export async function enqueueDueHunts({ hunts, tenants, queue, clock }: ScheduleParts, log: Log): Promise<void> {
  const listServed = lazy(async () => (await tenants.listServedTenants()).filter(({ isPending }) => !isPending));
  let count = 0;
  for await (const hunt of hunts.listAll()) {
    if (hunt.nextRunAt > clock.now()) continue;
    const wanted = (await listServed()).filter(
      ({ tenantId }) => hunt.tenantIds.includes(everyTenant) || hunt.tenantIds.includes(tenantId),
    );
    const dueAt = formatInstant(hunt.nextRunAt);
    await pMap(wanted, ({ tenantId }) => queue.send({ huntId: hunt.id, tenantId, dueAt }), {
      concurrency: sendConcurrency,
    });
    await hunts.postpone(hunt);
    count++;
  }
  if (count > 0) log.info(`Enqueued ${count} saved hunts.`);
}
