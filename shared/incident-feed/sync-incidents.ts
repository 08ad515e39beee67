import pMap from 'p-map';
import { UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Queue } from '../storage/queues.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { DeliveryDispatcher } from '../webhooks/delivery-dispatcher.ts';

interface SyncParts {
  tenants: Pick<Tenants, 'listServedTenants'>;
  queue: Queue;
  dispatcher: Pick<DeliveryDispatcher, 'wakeOverdue'>;
}

const sendConcurrency = 32;
/** By then others have come: a backlog must not grow while Defender is slow. */
const keptForMs = 3 * 60_000;

/**
 * Has every tenant looked at that we serve: a message each, so that instances share the work and a slow tenant holds up no other. Wakes
 * deliveries that somebody should be at and is not.
 * @throws {UpstreamError} of `storage`, when nothing at all can be sent.
 */
export async function syncIncidents({ tenants, queue, dispatcher }: SyncParts, log: Log): Promise<void> {
  const served = (await tenants.listServedTenants()).filter(({ isPending }) => !isPending);
  const failures = await pMap(served, ({ tenantId }) => send(queue, tenantId), { concurrency: sendConcurrency });
  const [failure, ...others] = failures.flatMap((each) => each ?? []);
  if (failure !== undefined && others.length + 1 === served.length) throw failure;
  if (failure !== undefined)
    log.warn(`${others.length + 1} of ${served.length} tenants cannot be looked at: ${failure.message}`);
  await dispatcher.wakeOverdue();
}

async function send(queue: Queue, tenantId: string): Promise<UpstreamError | undefined> {
  try {
    await queue.send({ tenantId }, 0, keptForMs);
    return undefined;
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
}
