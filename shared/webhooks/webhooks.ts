import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import type { Observe } from '../outbound/observation.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import type { Queue } from '../storage/queues.ts';
import type { Table } from '../storage/tables.ts';
import { createDeliver } from './deliver.ts';
import { createDeliveryBodies } from './delivery-body.ts';
import { cleanUpDeliveries } from './delivery-cleanup.ts';
import { createDeliveryDispatcher, type DeliveryDispatcher } from './delivery-dispatcher.ts';
import type { PublishEvents } from './event.ts';
import { createPublishEvents } from './publish-events.ts';
import type { CanOwnerActIn } from './subscription.ts';
import { createSubscriptionAdmin, type SubscriptionAdmin } from './subscription-admin.ts';
import { createSubscriptionRemoval } from './subscription-removal.ts';
import { createSubscriptions, type SubscriptionProtection, type Subscriptions } from './subscriptions.ts';
import { createWakeUps } from './wake-ups.ts';

interface WebhookParts {
  subscriptionTable: Table;
  /** A partition per subscription. */
  table: Table;
  blobs: BlobContainer;
  queue: Queue;
  clock: Clock;
  observe: Observe;
  protection: SubscriptionProtection;
  canOwnerActIn: CanOwnerActIn;
  callbackClient: HttpClient;
  callbackHosts: readonly string[];
}

/** Subscriptions and their deliveries. */
export interface Webhooks {
  subscriptions: Subscriptions;
  subscriptionAdmin: SubscriptionAdmin;
  publishEvents: PublishEvents;
  dispatcher: DeliveryDispatcher;
  /** Removes what is past its retention, and what crashes left behind, page by page until `deadlineAt` (epoch milliseconds). */
  removeOld(deadlineAt: number): Promise<void>;
}

export function createWebhooks(parts: WebhookParts): Webhooks {
  const { table, clock } = parts;
  const subscriptions = createSubscriptions(parts.subscriptionTable, clock, parts.protection);
  const bodies = createDeliveryBodies(table, parts.blobs);
  const wakeUps = createWakeUps(table, parts.queue, clock);
  const removal = createSubscriptionRemoval(subscriptions, table, bodies, clock);
  const deliver = createDeliver(parts.callbackClient, clock, parts.callbackHosts);
  const { canOwnerActIn } = parts;
  const shared = { subscriptions, canOwnerActIn, removal, table, bodies, wakeUps, clock };
  return {
    subscriptions,
    subscriptionAdmin: createSubscriptionAdmin(subscriptions, table, wakeUps, clock),
    publishEvents: createPublishEvents(shared),
    dispatcher: createDeliveryDispatcher({ ...shared, deliver, observe: parts.observe }),
    removeOld: (deadlineAt) => cleanUpDeliveries(shared, deadlineAt),
  };
}
