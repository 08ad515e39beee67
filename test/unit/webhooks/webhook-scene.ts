import { Readable } from 'node:stream';
import { createHttpHeaders, type HttpClient, RestError } from '@azure/core-rest-pipeline';
import type { Observation } from '../../../shared/outbound/observation.ts';
import type { EventType, IncidentEvent } from '../../../shared/webhooks/event.ts';
import type { SubscriptionRequest } from '../../../shared/webhooks/subscription.ts';
import type { SubscriptionProtection } from '../../../shared/webhooks/subscriptions.ts';
import { createWebhooks, type Webhooks } from '../../../shared/webhooks/webhooks.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeTable } from '../storage/fake-table.ts';
import { createQueueHost } from './queue-host.ts';

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const tenantId = '11111111-2222-4333-8444-555555555555';
export const callbackUrl = 'https://prod-01.westeurope.logic.azure.com/workflows/1';

/** Without `STATE_KEY_NAME`. */
export const unprotected: SubscriptionProtection = {
  derive: async () => undefined,
  encrypt: async (_purpose, _id, text) => text,
  decrypt: async (_purpose, _id, text) => text,
};

/** A request that reached a receiver. */
export interface Received {
  url: string;
  webhookId: string;
  at: number;
  type: string;
  incidentId: number;
  version: number;
  text: string;
}

interface ReceiverReply {
  status: number;
  headers?: Record<string, string>;
  /** Milliseconds until the response. */
  after?: number;
}
export type Reply = number | ReceiverReply | 'silence';

/** Instances of the app on one storage account, and the receivers of its webhooks. */
export function createWebhookScene({ skewsMs = [0], protection = unprotected } = {}) {
  const clock = createFakeClock();
  const subscriptionTable = createFakeTable();
  const table = createFakeTable();
  const blobs = createFakeBlobs(clock.now);
  const host = createQueueHost(clock);
  const received: Received[] = [];
  const observations: Observation[] = [];
  /** Grants that were revoked: owner and tenant. */
  const revoked = new Set<string>();
  let receiver: (message: Received) => Reply = () => 200;

  const callbackClient: HttpClient = {
    async sendRequest(request) {
      const { body } = request;
      const text = body instanceof Readable ? Buffer.concat(await body.toArray()).toString() : String(body);
      const { type, data } = JSON.parse(text);
      const { incidentId, version } = Object(data);
      const webhookId = request.headers.get('webhook-id') ?? '';
      const message = { url: request.url, webhookId, at: clock.now(), type, incidentId, version, text };
      received.push(message);
      const reply = receiver(message);
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      request.abortSignal?.addEventListener('abort', () => reject(new RestError('aborted')));
      if (reply === 'silence') return await aborted;
      const { status, headers = {}, after = 0 } = typeof reply === 'number' ? { status: reply } : reply;
      if (after > 0) await new Promise<void>((resolve) => clock.startTimer(resolve, after));
      return { request, status, headers: createHttpHeaders(headers) };
    },
  };

  function start(skewMs: number) {
    const life = { isAlive: true };
    const instance = createWebhooks({
      subscriptionTable: mortal(subscriptionTable, life),
      table: mortal(table, life),
      blobs: mortal(blobs, life),
      queue: mortal(host.queue, life),
      clock: { ...clock, now: () => clock.now() + skewMs },
      observe: (observation) => observations.push(observation),
      protection,
      canOwnerActIn: async (ownerId, ofTenant) => !revoked.has(`${ownerId} ${ofTenant}`),
      callbackClient: mortal(callbackClient, life),
      callbackHosts: ['*.logic.azure.com'],
    });
    const stopProcessing = host.startInstance((message) => instance.dispatcher.run(Object(message)));
    const kill = () => {
      life.isAlive = false;
      stopProcessing();
    };
    return { ...instance, kill };
  }

  const instances = skewsMs.map(start);
  const [first] = instances;
  if (first === undefined) throw new TypeError('A scene has at least one instance');
  return {
    ...first,
    cleanUp: () => first.removeOld(clock.now() + minuteMs),
    instances,
    clock,
    host,
    table,
    subscriptionTable,
    blobs,
    received,
    observations,
    revoked,
    /** The received events as `<incident> v<version>`. */
    receivedVersions: (url?: string) =>
      received
        .filter((each) => url === undefined || each.url === url)
        .map((each) => `${each.incidentId} v${each.version}`),
    answer(next: typeof receiver) {
      receiver = next;
    },
    pass: (ms: number) => clock.advance(ms),
    async subscribe(request: Partial<SubscriptionRequest> = {}, by: Webhooks = first): Promise<string> {
      const events: EventType[] = ['incident.created', 'incident.updated'];
      const { id } = await by.subscriptions.add({ callbackUrl, events, tenantIds: [tenantId], ...request }, 'owner');
      return id;
    },
  };
}

/** Calls of a killed instance are never answered. */
function mortal<T extends object>(target: T, life: { isAlive: boolean }): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...parameters: unknown[]) => {
        const result: unknown = life.isAlive ? await Reflect.apply(member, target, parameters) : undefined;
        return life.isAlive ? result : await new Promise(() => {});
      };
    },
  });
}

const position = (sequence: number) => ({ sequence, updatedAt: 0 });

/** Version 1 of an incident, or a later one. */
export const event = (incidentId: number, version = 1, changes: Partial<IncidentEvent> = {}): IncidentEvent => ({
  type: 'incident',
  sequence: 100 + version,
  earlier:
    version === 1 ? [] : [{ severity: 'Medium', status: 'Active', first: position(101), last: position(99 + version) }],
  tenantId,
  timestamp: '2026-11-20T10:00:00Z',
  subject: `incident/${incidentId}`,
  version: `v${version}`,
  severity: 'Medium',
  status: 'Active',
  incidentId,
  data: JSON.stringify({ incidentId, version }),
  ...changes,
});

/** JSON that is too large for a row. */
export const largeData = (incidentId: number): string =>
  JSON.stringify({
    incidentId,
    version: 1,
    rows: Array.from({ length: 60_000 }, (_, index) => ({ index, digits: Math.sin(index + 1).toString(36) })),
  });
