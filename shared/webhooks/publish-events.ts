import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import type { Table, TableChange, TableEntity } from '../storage/tables.ts';
import { groupByTransaction } from '../storage/transaction-groups.ts';
import { type Delivery, dueRow, keyOf, orderingKeyOf, toRow, webhookIdOf } from './delivery.ts';
import { type DeliveryBodies, type PackedBody, packBody } from './delivery-body.ts';
import { acceptedKey, readAccepted } from './delivery-state.ts';
import type { PublishEvents, TenantEvent } from './event.ts';
import type { CanOwnerActIn, Subscription } from './subscription.ts';
import { type SubscriptionEvent, toSubscriptionEvents } from './subscription-events.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { WakeUps } from './wake-ups.ts';

interface PublishParts {
  subscriptions: Pick<Subscriptions, 'list'>;
  canOwnerActIn: CanOwnerActIn;
  table: Table;
  bodies: DeliveryBodies;
  wakeUps: WakeUps;
  clock: Clock;
}

/** A delivery and the rows that it consists of. */
interface Prepared {
  delivery: Delivery;
  changes: readonly TableChange[];
}

/** Other publishers of the same tenant may be at work, such as a hunt. */
const maxConflicts = 20;
const concurrency = 8;

export function createPublishEvents(parts: PublishParts): PublishEvents {
  const { subscriptions, canOwnerActIn, table, bodies, wakeUps, clock } = parts;

  return async (events) => {
    const pack = createPacker();
    const failures: unknown[] = [];
    const publishTo = (subscription: Subscription) =>
      publish(subscription, events, pack).catch((error: unknown) => {
        failures.push(error);
        return 0;
      });
    const accepted = await pMap(await subscriptions.list(), publishTo, { concurrency });
    if (failures.length > 0) throw failures[0];
    return accepted.reduce((sum, count) => sum + count, 0);
  };

  async function publish(subscription: Subscription, events: readonly TenantEvent[], pack: Pack): Promise<number> {
    const wanted = await toSubscriptionEvents(table, subscription, await toAllowed(subscription, events));
    if (wanted.length === 0) return 0;
    const accepted = await acceptAll(subscription, wanted, pack);
    // Also when all were accepted before: that run may have crashed before it requested this.
    await wakeUps.request(subscription.id, clock.now());
    return accepted;
  }

  /** The events of the tenants in which the owner of a subscription may act. */
  async function toAllowed({ createdBy }: Subscription, events: readonly TenantEvent[]): Promise<TenantEvent[]> {
    const tenantIds = [...new Set(events.map(({ tenantId }) => tenantId))];
    const isAllowed = await Promise.all(tenantIds.map((tenantId) => canOwnerActIn(createdBy, tenantId)));
    return events.filter(({ tenantId }) => isAllowed[tenantIds.indexOf(tenantId)]);
  }

  async function acceptAll({ id }: Subscription, events: readonly SubscriptionEvent[], pack: Pack): Promise<number> {
    let accepted = 0;
    for (const ofTenant of Object.values(Object.groupBy(events, ({ tenantId }) => tenantId))) {
      const prepared = await Promise.all((ofTenant ?? []).map((event) => prepare(id, event, pack(event))));
      for (const group of groupByTransaction(prepared, 1)) accepted += await accept(group);
    }
    return accepted;
  }

  /** Events of one tenant, counted in the transaction that accepts them. Those that were accepted before are left out. */
  async function accept(group: readonly Prepared[]): Promise<number> {
    let left = group;
    for (let conflicts = 0; conflicts <= maxConflicts; conflicts++) {
      const [first] = left;
      if (first === undefined) return 0;
      const counter = await countAccepted(first.delivery, left.length);
      if (await table.transact([...left.flatMap(({ changes }) => changes), counter])) return left.length;
      left = await withoutAccepted(left);
    }
    throw new TypeError('Failed to accept events: too many conflicts');
  }

  async function countAccepted({ subscriptionId, tenantId }: Delivery, count: number): Promise<TableChange> {
    const keys = { partitionKey: subscriptionId, rowKey: acceptedKey(tenantId) };
    const row = await table.get(keys.partitionKey, keys.rowKey);
    const entity = { ...keys, accepted: String(readAccepted(row) + count) };
    return row === undefined ? { kind: 'insert', entity } : { kind: 'replace', entity, etag: row.etag };
  }

  async function withoutAccepted(group: readonly Prepared[]): Promise<Prepared[]> {
    const rows = await Promise.all(
      group.map(({ delivery }) => table.get(delivery.subscriptionId, keyOf('t', delivery))),
    );
    const isAccepted = (_: Prepared, index: number) => rows[index] !== undefined;
    await Promise.all(group.filter(isAccepted).map(({ delivery }) => bodies.remove(delivery)));
    return group.filter((_, index) => rows[index] === undefined);
  }

  async function prepare(subscriptionId: string, event: SubscriptionEvent, packed: PackedBody): Promise<Prepared> {
    const orderingKey = orderingKeyOf(event);
    const { version, type, tenantId, incidentId } = event;
    const webhookId = webhookIdOf(subscriptionId, orderingKey, version);
    const { row, blobName } = await bodies.store({ subscriptionId, orderingKey, version }, packed);
    const delivery: Delivery = {
      subscriptionId,
      orderingKey,
      version,
      webhookId,
      type,
      tenantId,
      incidentId,
      ...(blobName !== undefined && { blobName }),
      attempts: 0,
      firstAttemptAt: undefined,
      nextAttemptAt: clock.now(),
      lastFailure: undefined,
      deadLetteredAt: undefined,
    };
    return { delivery, changes: toChanges(delivery, row) };
  }
}

type Pack = (event: SubscriptionEvent) => PackedBody;

/** Compresses the body of an event once for all subscribers that receive it as the same type. */
function createPacker(): Pack {
  const packed = new Map<string, PackedBody>();
  return (event) => {
    const key = JSON.stringify([event.type, event.version, orderingKeyOf(event)]);
    const body = packed.get(key) ?? packBody(event);
    packed.set(key, body);
    return body;
  };
}

const toChanges = (delivery: Delivery, body: TableEntity): TableChange[] => [
  {
    kind: 'insert',
    entity: {
      partitionKey: delivery.subscriptionId,
      rowKey: keyOf('t', delivery),
      at: formatInstant(delivery.nextAttemptAt),
    },
  },
  { kind: 'upsert', entity: toRow('d', delivery) },
  { kind: 'upsert', entity: body },
  { kind: 'upsert', entity: dueRow(delivery) },
];
