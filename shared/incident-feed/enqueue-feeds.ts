import pMap from 'p-map';
import { UpstreamError } from '../errors.ts';
import { formatInstant } from '../instants.ts';
import type { Log } from '../log.ts';
import type { Queue } from '../storage/queues.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { DeliveryDispatcher } from '../webhooks/delivery-dispatcher.ts';
import type { Listeners } from './listeners.ts';

interface SyncParts {
  tenants: Pick<Tenants, 'listServedTenants'>;
  listeners: Pick<Listeners, 'read' | 'noteTenant'>;
  queue: Queue;
  dispatcher: Pick<DeliveryDispatcher, 'wakeOverdue'>;
}

const sendConcurrency = 32;
/** The next runs enqueue the tenant again: a backlog must not grow while Defender is slow. */
const keptForMs = 3 * 60_000;

/**
 * Enqueues the feed of every served tenant that has listeners: one message each, so that instances share the work and a slow tenant
 * delays no other. Wakes overdue deliveries.
 * @throws {UpstreamError} of `storage`, when no message can be sent.
 */
export async function syncIncidents({ tenants, listeners, queue, dispatcher }: SyncParts, log: Log): Promise<void> {
  const served = (await tenants.listServedTenants()).filter(({ isPending }) => !isPending);
  const { tenants: known, activeSince } = await listeners.read();
  const active = served.flatMap(({ tenantId }) => {
    const since = activeSince(tenantId);
    return since === undefined ? [] : [{ tenantId, activeSince: formatInstant(since) }];
  });
  const knownIds = new Set(known.map(({ tenantId }) => tenantId));
  const enqueue = async (message: { tenantId: string; activeSince: string }) => {
    if (!knownIds.has(message.tenantId)) await listeners.noteTenant(message.tenantId);
    await queue.send(message, 0, keptForMs);
  };
  const failures = await pMap(active, (message) => toFailure(enqueue(message)), { concurrency: sendConcurrency });
  const [failure, ...others] = failures.flatMap((each) => each ?? []);
  if (failure !== undefined && others.length + 1 === active.length) throw failure;
  if (failure !== undefined)
    log.warn(`Failed to enqueue ${others.length + 1} of ${active.length} tenants: ${failure.message}`);
  await dispatcher.wakeOverdue();
}

async function toFailure(action: Promise<void>): Promise<UpstreamError | undefined> {
  try {
    await action;
    return undefined;
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
}
