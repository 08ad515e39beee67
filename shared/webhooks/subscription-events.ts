import type { Table } from '../storage/tables.ts';
import type { EventBase, EventType, IncidentEvent, TenantEvent } from './event.ts';
import { isWanted, type Subscription, toIncidentEventType } from './subscription.ts';

/** An event as one subscription receives it. */
export interface SubscriptionEvent extends EventBase {
  type: EventType;
  incidentId?: number | undefined;
}

/** The events that a subscription wants. The versions offered before decide between created and updated. */
export async function toSubscriptionEvents(
  table: Table,
  subscription: Subscription,
  events: readonly TenantEvent[],
): Promise<SubscriptionEvent[]> {
  const wanted = events.filter((event) => isWanted(subscription, event));
  const incidents = Object.groupBy(
    wanted.filter((event) => event.type === 'incident'),
    ({ tenantId }) => tenantId,
  );
  const typed = Object.values(incidents).map((ofTenant = []) => toIncidentEvents(table, subscription, ofTenant));
  return [...wanted.filter((event) => event.type !== 'incident'), ...(await Promise.all(typed)).flat()];
}

async function toIncidentEvents(
  table: Table,
  subscription: Subscription,
  events: readonly IncidentEvent[],
): Promise<SubscriptionEvent[]> {
  const [first] = events;
  if (first === undefined) return [];
  const lowest = Math.min(...events.map(({ sequence }) => sequence));
  const from = await readFirstSequence(table, subscription.id, first.tenantId, lowest);
  return events.flatMap(({ severity, status, sequence, earlier, ...event }) => {
    const type = toIncidentEventType(subscription, { severity, status, earlier }, { from, to: sequence });
    return type === undefined ? [] : [{ ...event, type }];
  });
}

/** The first sequence number that a subscription was offered in a tenant; this one, if it is the first. */
async function readFirstSequence(table: Table, partitionKey: string, tenantId: string, sequence: number) {
  const rowKey = `s|${tenantId}`;
  for (;;) {
    const row = await table.get(partitionKey, rowKey);
    const known = Number(row?.sequence);
    if (Number.isSafeInteger(known)) return known;
    const entity = { partitionKey, rowKey, sequence: String(sequence) };
    if (row !== undefined) await table.upsert(entity);
    else await table.insert(entity);
  }
}
