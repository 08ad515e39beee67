import type { HttpClient } from '@azure/core-rest-pipeline';
import { createDeliver } from './automation/deliver.ts';
import { createDeliveryBodies } from './automation/delivery-body.ts';
import type { HandOn } from './automation/event.ts';
import { createHandOn } from './automation/hand-on.ts';
import { createPump, type Pump } from './automation/pump.ts';
import { createSubscriptionDesk, type SubscriptionDesk } from './automation/subscription-desk.ts';
import { createSubscriptions, type Subscriptions } from './automation/subscriptions.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { CallContext } from './defender/client.ts';
import type { Defender } from './defender/defender.ts';
import type { Observe } from './outbound/observation.ts';
import type { Storage } from './storage/storage.ts';
import type { Tenants } from './tenants/tenants.ts';

/** What the automation depends on. */
export interface AutomationParts {
  config: Config;
  clock: Clock;
  random: () => number;
  observe: Observe;
  storage: Storage;
  tenants: Tenants;
  /** Sends to addresses that subscribers have given. */
  callbackClient: HttpClient;
  /** Defender as one principal in one tenant. */
  openDefender(context: CallContext): Defender;
}

/** What runs by itself, over the app's storage. */
export interface Automation {
  subscriptions: Subscriptions;
  desk: SubscriptionDesk;
  handOn: HandOn;
  pump: Pump;
}

/** Wires what runs by itself; loaded with its first use, since most calls need none of it. */
export function createAutomation({ config, clock, storage, callbackClient }: AutomationParts): Automation {
  const subscriptions = createSubscriptions(storage.openTable('defendersubscriptions'), clock);
  const table = storage.openTable('defenderdeliveries');
  const queue = storage.openQueue('defender-deliveries');
  const bodies = createDeliveryBodies(table, storage.openBlobs('defender-deliveries'));
  const desk = createSubscriptionDesk(subscriptions, table, bodies, queue, clock);
  const deliver = createDeliver(callbackClient, clock, config.callbackHosts);
  const { remove: removeSubscription } = desk;
  return {
    subscriptions,
    desk,
    handOn: createHandOn({ subscriptions, table, bodies, queue, clock }),
    pump: createPump({ subscriptions, table, bodies, queue, clock, deliver, removeSubscription }),
  };
}
