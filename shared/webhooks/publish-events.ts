import type { Clock } from '../clock.ts';
import type { Queue } from '../storage/queues.ts';
import type { Table, TableChange, TableEntity } from '../storage/tables.ts';
import { type Delivery, dueRow, keyOf, orderingKeyOf, toRow, webhookIdOf } from './delivery.ts';
import { type DeliveryBodies, toBodyText } from './delivery-body.ts';
import type { PublishEvents, TenantEvent } from './event.ts';
import { isWanted, type Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

interface PublishParts {
  subscriptions: Pick<Subscriptions, 'list'>;
  table: Table;
  bodies: DeliveryBodies;
  queue: Queue;
  clock: Clock;
}

/** What the service takes in one transaction, less what is around the rows. */
const maxRows = 100;
const maxBytes = 3_500_000;

/** Hands events on to the subscribers that want them. */
export function createPublishEvents({ subscriptions, table, bodies, queue, clock }: PublishParts): PublishEvents {
  return async (events) => {
    let made = 0;
    for (const subscription of await subscriptions.list()) {
      const wanted = events.filter((event) => isWanted(subscription, event));
      if (wanted.length === 0) continue;
      made += await take(subscription, wanted);
      // Also when all of it was here before: whoever was here before may have died before it sent this.
      await queue.send({ subscriptionId: subscription.id });
    }
    return made;
  };

  async function take({ id }: Subscription, events: readonly TenantEvent[]): Promise<number> {
    let made = 0;
    for (const group of toGroups(await Promise.all(events.map((event) => toChanges(id, event))))) {
      if (await table.transact(group.flat())) made += group.length;
      // One of them is here already, then: each by itself.
      else for (const changes of group) if (await table.transact(changes)) made++;
    }
    return made;
  }

  async function toChanges(subscriptionId: string, event: TenantEvent): Promise<TableChange[]> {
    const orderingKey = orderingKeyOf(event);
    const { version, type, tenantId, incidentId } = event;
    const webhookId = webhookIdOf(subscriptionId, orderingKey, version);
    const body = await bodies.store({ subscriptionId, orderingKey, version, webhookId }, toBodyText(event));
    const delivery: Delivery = {
      subscriptionId,
      orderingKey,
      version,
      webhookId,
      type,
      tenantId,
      incidentId,
      isLarge: body.isLarge === true,
      attempts: 0,
      firstAttemptAt: undefined,
      nextAttemptAt: clock.now(),
      lastFailure: undefined,
      deadLetteredAt: undefined,
    };
    const taken: TableEntity = {
      partitionKey: subscriptionId,
      rowKey: keyOf('t', delivery),
      at: new Date(clock.now()).toISOString(),
    };
    return [
      { kind: 'insert', entity: taken },
      { kind: 'upsert', entity: toRow('d', delivery) },
      { kind: 'upsert', entity: body },
      { kind: 'upsert', entity: dueRow(delivery) },
    ];
  }
}

/** As many events at once as a transaction takes. */
function toGroups(all: readonly TableChange[][]): TableChange[][][] {
  const groups: TableChange[][][] = [];
  let rows = 0;
  let bytes = 0;
  for (const changes of all) {
    const size = JSON.stringify(changes).length;
    if (groups.length === 0 || rows + changes.length > maxRows || bytes + size > maxBytes) {
      groups.push([]);
      rows = 0;
      bytes = 0;
    }
    groups.at(-1)?.push(changes);
    rows += changes.length;
    bytes += size;
  }
  return groups;
}
