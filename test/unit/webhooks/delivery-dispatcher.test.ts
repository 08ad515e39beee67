import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deliver } from '../../../shared/webhooks/deliver.ts';
import { createDeliveryBodies } from '../../../shared/webhooks/delivery-body.ts';
import { createDeliveryDispatcher } from '../../../shared/webhooks/delivery-dispatcher.ts';
import type { IncidentEvent } from '../../../shared/webhooks/event.ts';
import { createPublishEvents } from '../../../shared/webhooks/publish-events.ts';
import type { SubscriptionRequest } from '../../../shared/webhooks/subscription.ts';
import { createSubscriptionAdmin } from '../../../shared/webhooks/subscription-admin.ts';
import { createSubscriptions } from '../../../shared/webhooks/subscriptions.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeQueue } from '../storage/fake-queue.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const secondMs = 1_000;
const hourMs = 3_600_000;
const tenantId = '11111111-2222-4333-8444-555555555555';
const callbackUrl = 'https://prod-01.westeurope.logic.azure.com/workflows/1';

function createScene() {
  let at = Date.parse('2026-11-20T10:00:00Z');
  const clock = { now: () => at, startTimer: () => () => {} };
  const subscriptions = createSubscriptions(createFakeTable(), clock);
  const table = createFakeTable();
  const blobs = createFakeBlobs(clock.now);
  const bodies = createDeliveryBodies(table, blobs);
  const queue = createFakeQueue();
  const subscriptionAdmin = createSubscriptionAdmin(subscriptions, table, bodies, queue, clock);
  const tried: { url: string; webhookId: string; at: number; body: string }[] = [];
  let outcome: (url: string, body: string) => number | Promise<number> = () => 200;
  const deliver: Deliver = async ({ callbackUrl: url }, webhookId, body) => {
    tried.push({ url, webhookId, at, body });
    const status = await outcome(url, body);
    if (status === 200) return { kind: 'delivered' };
    return status === 410 ? { kind: 'gone' } : { kind: 'failed', failure: { at, status, detail: 'No.' } };
  };
  const publishEvents = createPublishEvents({ subscriptions, table, bodies, queue, clock });
  const dispatcher = createDeliveryDispatcher({
    subscriptions,
    table,
    bodies,
    queue,
    clock,
    deliver,
    removeSubscription: subscriptionAdmin.remove,
  });
  const waiting: { id: string; at: number }[] = [];

  function takeMessages(): void {
    for (const { message, visibleAfterMs } of queue.take()) {
      waiting.push({ id: Object(message).subscriptionId, at: at + visibleAfterMs });
    }
  }

  /** Delivers what there are messages for, as time passes. */
  async function pass(ms: number): Promise<void> {
    const end = at + ms;
    for (;;) {
      takeMessages();
      const next = waiting.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      waiting.splice(waiting.indexOf(next), 1);
      at = Math.max(at, next.at);
      await dispatcher.run(next.id);
    }
    at = end;
  }

  /** Gives all that is under way up, as a poison queue does; tells how much that was. */
  function loseMessages(): number {
    takeMessages();
    return waiting.splice(0).length;
  }

  return {
    loseMessages,
    table,
    blobs,
    queue,
    subscriptionAdmin,
    subscriptions,
    dispatcher,
    publishEvents,
    tried,
    pass,
    clock,
    bodiesOf: () => tried.map(({ body }) => JSON.parse(body)),
    setOutcome(next: typeof outcome) {
      outcome = next;
    },
    subscribe: (request: Partial<SubscriptionRequest> = {}) =>
      subscriptions.add({
        callbackUrl,
        events: ['incident.created', 'incident.updated'],
        tenantIds: [tenantId],
        ...request,
      }),
  };
}

const position = (sequence: number) => ({ sequence, updatedAt: 0 });

/** A version of an incident whose earlier versions were published with the same severity and status. */
const event = (incidentId: number, version = 1, changes: Partial<IncidentEvent> = {}): IncidentEvent => ({
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

const largeRows = Array.from({ length: 60_000 }, (_, index) => ({
  id: index,
  digits: Math.sin(index + 1).toString(36),
}));

describe('a subscriber', () => {
  it('gets what it wants, and nothing else', async () => {
    const { subscribe, publishEvents, pass, bodiesOf } = createScene();
    await subscribe({ minimumSeverity: 'Medium', status: ['Active'], events: ['incident.created'] });
    await publishEvents([
      event(1),
      event(2, 1, { severity: 'Low' }),
      event(3, 1, { status: 'Resolved' }),
      event(4, 2),
      event(5, 1, { tenantId: '22222222-2222-4333-8444-555555555555' }),
      event(6, 1, { severity: 'Catastrophic' }),
    ]);
    await pass(secondMs);
    assert.deepEqual(
      bodiesOf()
        .map(({ data }) => data.incidentId)
        .sort(),
      [1, 6],
    );
    assert.deepEqual(bodiesOf()[0], {
      type: 'incident.created',
      timestamp: '2026-11-20T10:00:00Z',
      tenantId,
      data: { incidentId: 1, version: 1 },
    });
  });

  it('is told once of what is handed on twice', async () => {
    const { subscribe, publishEvents, pass, tried } = createScene();
    await subscribe();
    assert.equal(await publishEvents([event(1), event(2)]), 2);
    assert.equal(await publishEvents([event(2), event(3)]), 1);
    await pass(secondMs);
    assert.equal(await publishEvents([event(1), event(2), event(3)]), 0);
    await pass(secondMs);
    assert.equal(tried.length, 3);
    assert.equal(new Set(tried.map(({ webhookId }) => webhookId)).size, 3);
  });

  it('gets many at once, and is told how many', async () => {
    const { subscribe, publishEvents, pass, tried, subscriptionAdmin } = createScene();
    const { id } = await subscribe();
    await publishEvents(Array.from({ length: 130 }, (_, index) => event(index + 1)));
    assert.equal((await subscriptionAdmin.find(id))?.waiting, 130);
    await pass(secondMs);
    assert.equal(tried.length, 130);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 0, delivered: 130, deadLettered: 0 });
  });

  it('gets the versions of an incident in order, each when the one before is done', async () => {
    const { subscribe, publishEvents, pass, bodiesOf, setOutcome } = createScene();
    await subscribe();
    setOutcome(() => 500);
    await publishEvents([event(1, 1)]);
    await pass(secondMs);
    await publishEvents([event(1, 2), event(1, 3), event(2, 1)]);
    await pass(secondMs);
    assert.deepEqual(
      bodiesOf().map(({ data }) => `${data.incidentId} v${data.version}`),
      ['1 v1', '2 v1'],
    );
    setOutcome(() => 200);
    await pass(10 * secondMs);
    assert.deepEqual(
      bodiesOf()
        .map(({ data }) => `${data.incidentId} v${data.version}`)
        .slice(2)
        .sort(),
      ['1 v1', '1 v2', '1 v3', '2 v1'],
    );
    assert.deepEqual(
      bodiesOf()
        .filter(({ data }) => data.incidentId === 1)
        .map(({ data }) => data.version),
      [1, 1, 2, 3],
    );
  });

  it('is tried again after growing pauses under the same id, and given up after a day', async () => {
    const { subscribe, publishEvents, pass, tried, setOutcome, subscriptionAdmin } = createScene();
    const { id } = await subscribe();
    setOutcome((_url, body) => (body.includes('"version":1') ? 503 : 200));
    await publishEvents([event(1, 1)]);
    await pass(hourMs);
    await publishEvents([event(1, 2)]);
    await pass(25 * hourMs);
    const pauses = tried.slice(1).map((each, index) => (each.at - (tried[index]?.at ?? 0)) / secondMs);
    assert.deepEqual(pauses.slice(0, 8), [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400]);
    assert.equal(new Set(tried.slice(0, -1).map(({ webhookId }) => webhookId)).size, 1);
    // The dead letter releases what is behind it.
    assert.match(tried.at(-1)?.body ?? '', /"version":2/);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), {
      waiting: 0,
      delivered: 1,
      deadLettered: 1,
      lastFailure: { status: 503 },
    });
    const [deadLetter] = await subscriptionAdmin.listDeadLetters(id);
    assert.partialDeepStrictEqual(deadLetter, { webhookId: tried[0]?.webhookId, attempts: 13, incidentId: 1 });
    setOutcome(() => 200);
    await subscriptionAdmin.resendDeadLetters(id);
    await pass(secondMs);
    assert.equal(tried.at(-1)?.webhookId, tried[0]?.webhookId);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 0, delivered: 2, deadLettered: 0 });
  });

  it('that wants no more is removed, with all that waits for it', async () => {
    const { subscribe, publishEvents, pass, tried, setOutcome, subscriptions, table } = createScene();
    const { id } = await subscribe();
    setOutcome(() => 410);
    await publishEvents([event(1), event(2), event(3)]);
    await pass(secondMs);
    assert.equal(await subscriptions.get(id), undefined);
    assert.deepEqual(await table.list(id), []);
    const before = tried.length;
    await pass(25 * hourMs);
    assert.equal(tried.length, before);
  });

  it('is tried again in time with what is new, while what is older waits for hours', async () => {
    const { subscribe, publishEvents, pass, setOutcome, tried } = createScene();
    await subscribe();
    setOutcome(() => 503);
    await publishEvents([event(1)]);
    await pass(5 * hourMs);
    await publishEvents([event(2)]);
    const before = tried.length;
    await pass(40 * secondMs);
    assert.equal(tried.length - before, 3);
  });

  it('that is removed leaves nothing of what was too large for a row', async () => {
    const { subscribe, publishEvents, subscriptionAdmin, blobs } = createScene();
    const { id } = await subscribe();
    await publishEvents([event(1, 1, { data: JSON.stringify(largeRows) })]);
    assert.equal(blobs.names.length, 1);
    await subscriptionAdmin.remove(id);
    assert.equal(blobs.names.length, 0);
  });

  it('that fails again gets what is sent anew for another day', async () => {
    const { subscribe, publishEvents, pass, setOutcome, subscriptionAdmin } = createScene();
    const { id } = await subscribe();
    setOutcome(() => 503);
    await publishEvents([event(1)]);
    await pass(25 * hourMs);
    await subscriptionAdmin.resendDeadLetters(id);
    await pass(12 * hourMs);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 1, deadLettered: 0 });
  });

  it('gets what is too large for a row, of which nothing is left behind', async () => {
    const { subscribe, publishEvents, pass, bodiesOf, blobs } = createScene();
    await subscribe({ events: ['hunt.results'] });
    const data = JSON.stringify({ rows: largeRows });
    const { tenantId: ofTenant, timestamp, version } = event(1);
    await publishEvents([{ type: 'hunt.results', tenantId: ofTenant, timestamp, version, subject: 'hunt/1', data }]);
    assert.equal(blobs.names.length, 1);
    await pass(secondMs);
    assert.equal(bodiesOf()[0]?.data.rows.length, 60_000);
    assert.equal(blobs.names.length, 0);
  });

  it('that is dead holds up nobody else', async () => {
    const { subscribe, publishEvents, pass, tried, setOutcome } = createScene();
    await subscribe({ callbackUrl: 'https://dead.logic.azure.com/' });
    await subscribe();
    setOutcome((url) => (url.includes('dead') ? 500 : 200));
    await publishEvents(Array.from({ length: 40 }, (_, index) => event(index + 1)));
    await pass(secondMs);
    assert.equal(tried.filter(({ url }) => url === callbackUrl).length, 40);
  });
});

describe('receivers that do not answer', () => {
  it('take up half of an instance at most, and the others wait', async () => {
    const { subscribe, publishEvents, pass, setOutcome, dispatcher, queue, tried } = createScene();
    setOutcome(() => 500);
    const dead = [];
    for (let count = 0; count < 30; count++)
      dead.push(await subscribe({ callbackUrl: 'https://dead.logic.azure.com/' }));
    await publishEvents([event(1)]);
    await pass(secondMs);
    const healthy = await subscribe();
    await publishEvents([event(2)]);
    queue.take();
    const hanging = Promise.withResolvers<number>();
    let hangs = 0;
    setOutcome((url) => {
      if (!url.includes('dead')) return 200;
      hangs++;
      return hanging.promise;
    });
    const runs = dead.map(({ id }) => dispatcher.run(id));
    await dispatcher.run(healthy.id);
    assert.equal(tried.at(-1)?.url, callbackUrl);
    assert.ok(hangs <= 12, `${hangs} hang`);
    assert.equal(queue.take().filter(({ visibleAfterMs }) => visibleAfterMs === 5_000).length, 18);
    hanging.resolve(500);
    await Promise.all(runs);
  });
});

describe('two instances that deliver at once', () => {
  it('do the work once, and miss nothing that came meanwhile', async () => {
    const { subscribe, publishEvents, tried, setOutcome, dispatcher } = createScene();
    const { id } = await subscribe();
    await publishEvents([event(1)]);
    let second: Promise<void> | undefined;
    setOutcome(async () => {
      if (second === undefined) {
        await publishEvents([event(2)]);
        second = dispatcher.run(id);
        await second;
      }
      return 200;
    });
    await dispatcher.run(id);
    assert.equal(tried.length, 2);
  });
});

describe('a message that was lost', () => {
  it('is made up for within a minute', async () => {
    const { subscribe, publishEvents, pass, tried, setOutcome, loseMessages, dispatcher } = createScene();
    await subscribe();
    await publishEvents([event(1)]);
    assert.equal(loseMessages(), 1);
    await dispatcher.wakeOverdue();
    assert.equal(loseMessages(), 0);
    await pass(40 * secondMs);
    assert.equal(tried.length, 0);
    setOutcome(() => 500);
    await dispatcher.wakeOverdue();
    await pass(0);
    assert.equal(tried.length, 1);
    assert.equal(loseMessages(), 1);
    await pass(60 * secondMs);
    setOutcome(() => 200);
    await dispatcher.wakeOverdue();
    await pass(0);
    assert.equal(tried.length, 2);
    await dispatcher.wakeOverdue();
    assert.equal(loseMessages(), 0);
  });
});

describe('cleaning up', () => {
  it('forgets what was taken after two days, and dead letters after thirty', async () => {
    const { subscribe, publishEvents, pass, setOutcome, subscriptionAdmin, table, blobs } = createScene();
    const { id } = await subscribe();
    await publishEvents([event(1)]);
    await pass(secondMs);
    setOutcome(() => 500);
    await publishEvents([event(2, 1, { data: JSON.stringify(largeRows) })]);
    await pass(3 * 24 * hourMs);
    await subscriptionAdmin.removeOld();
    assert.equal(blobs.names.length, 1);
    assert.deepEqual((await table.list(id, { from: 't|', before: 't}' })).length, 0);
    assert.equal((await subscriptionAdmin.find(id))?.deadLettered, 1);
    await pass(28.5 * 24 * hourMs);
    await subscriptionAdmin.removeOld();
    assert.deepEqual(
      (await table.list(id)).map(({ rowKey }) => rowKey),
      ['state', `state|${tenantId}`, `s|${tenantId}`],
    );
    assert.equal(blobs.names.length, 0);
  });
});
