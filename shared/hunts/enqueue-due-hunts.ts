import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import { lazy } from '../lazy.ts';
import type { Log } from '../log.ts';
import type { Queue } from '../storage/queues.ts';
import { everyTenant } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { SavedHunt, SavedHunts } from './saved-hunts.ts';

interface ScheduleParts {
  hunts: Pick<SavedHunts, 'listAll' | 'postpone'>;
  tenants: Pick<Tenants, 'listServedTenants'>;
  /** Whether the owner of a hunt may act in a tenant now. */
  canOwnerActIn(ownerId: string, tenantId: string): Promise<boolean>;
  queue: Queue;
  clock: Clock;
}

const sendConcurrency = 32;

/**
 * Sends a message for every due hunt and each of its tenants, then moves the hunt to its next run. A crash between the two sends messages
 * twice, which run once. A hunt that fails does not stop the others; it is due again in the next pass.
 */
export async function enqueueDueHunts(parts: ScheduleParts, log: Log): Promise<void> {
  const { hunts, tenants, clock } = parts;
  const listServed = lazy(async () => {
    const served = await tenants.listServedTenants();
    return served.filter(({ isPending }) => !isPending).map(({ tenantId }) => tenantId);
  });
  let count = 0;
  const errors: unknown[] = [];
  for await (const hunt of hunts.listAll()) {
    if (hunt.nextRunAt > clock.now()) continue;
    try {
      await enqueue(parts, hunt, await listServed());
      count++;
    } catch (error) {
      errors.push(error);
    }
  }
  if (count > 0) log.info(`Enqueued ${count} saved hunts.`);
  if (errors.length === 0) return;
  log.warn(`Failed to enqueue ${errors.length} saved hunts.`);
  throw errors[0];
}

async function enqueue(
  { hunts, queue, canOwnerActIn }: ScheduleParts,
  hunt: SavedHunt,
  served: readonly string[],
): Promise<void> {
  const isForAll = hunt.tenantIds.includes(everyTenant);
  const named = served.filter((tenantId) => isForAll || hunt.tenantIds.includes(tenantId));
  const isAllowed = await Promise.all(named.map((tenantId) => canOwnerActIn(hunt.createdBy, tenantId)));
  const wanted = named.filter((_, index) => isAllowed[index]);
  const dueAt = formatInstant(hunt.nextRunAt);
  await pMap(wanted, (tenantId) => queue.send({ huntId: hunt.id, tenantId, dueAt }), { concurrency: sendConcurrency });
  await hunts.postpone(hunt);
}
