import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWebhookScene, event, hourMs, largeData, minuteMs, secondMs, tenantId } from './webhook-scene.ts';

describe('deliveries of one incident', () => {
  it('are made in order, each after the one before succeeded', async () => {
    const { subscribe, publishEvents, pass, receivedVersions, received, answer } = createWebhookScene();
    await subscribe();
    answer(() => 500);
    await publishEvents([event(1, 1)]);
    await pass(secondMs);
    await publishEvents([event(1, 2), event(1, 3), event(2, 1)]);
    await pass(3 * secondMs);
    assert.deepEqual(receivedVersions(), ['1 v1', '2 v1']);
    answer(() => 200);
    received.splice(0);
    await pass(20 * secondMs);
    assert.deepEqual(
      receivedVersions().filter((each) => each.startsWith('1 ')),
      ['1 v1', '1 v2', '1 v3'],
    );
  });

  it('continue behind a dead letter', async () => {
    const { subscribe, publishEvents, pass, receivedVersions, answer } = createWebhookScene();
    await subscribe();
    answer(({ version }) => (version === 1 ? 503 : 200));
    await publishEvents([event(1, 1)]);
    await pass(hourMs);
    await publishEvents([event(1, 2), event(1, 3)]);
    await pass(20 * hourMs);
    assert.equal(receivedVersions().includes('1 v2'), false);
    await pass(5 * hourMs);
    assert.deepEqual(receivedVersions().slice(-2), ['1 v2', '1 v3']);
  });
});

describe('a delivery that fails', () => {
  it('is retried on schedule with the same webhook-id, and becomes a dead letter after a day', async () => {
    const { subscribe, publishEvents, pass, received, answer, subscriptionAdmin, observations } = createWebhookScene();
    const id = await subscribe();
    answer(() => 503);
    await publishEvents([event(1)]);
    await pass(26 * hourMs);
    const delays = received.slice(1).map(({ at }, index) => Math.round((at - (received[index]?.at ?? 0)) / secondMs));
    assert.deepEqual(delays, [5, 30, 120, 600, 1_800, 3_600, 7_200, ...Array(5).fill(14_400)]);
    assert.equal(new Set(received.map(({ webhookId }) => webhookId)).size, 1);
    const { items } = await subscriptionAdmin.listDeadLetters(id, undefined, 10);
    assert.partialDeepStrictEqual(items, [{ webhookId: received[0]?.webhookId, attempts: 13, incidentId: 1 }]);
    const status = { waiting: 0, delivered: 0, deadLettered: 1, lastFailure: { status: 503 } };
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), status);
    const givenUp = { name: 'DeliveryGivenUp', tenantId, subscriptionId: id, type: 'incident.created' };
    assert.deepEqual(observations, [{ ...givenUp, attempts: 13, code: '503' }]);
  });

  it('becomes a dead letter at once when its body is missing', async () => {
    const { subscribe, publishEvents, pass, receivedVersions, blobs, subscriptionAdmin } = createWebhookScene();
    const id = await subscribe();
    await publishEvents([event(1, 1, { data: largeData(1) }), event(1, 2)]);
    for (const name of blobs.names) await blobs.delete(name);
    await pass(minuteMs);
    assert.deepEqual(receivedVersions(), ['1 v2']);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { deadLettered: 1, delivered: 1, waiting: 0 });
  });

  it('does not delay new events of other incidents', async () => {
    const { subscribe, publishEvents, pass, answer, received } = createWebhookScene();
    await subscribe();
    answer(() => 503);
    await publishEvents([event(1)]);
    await pass(5 * hourMs);
    received.splice(0);
    await publishEvents([event(2)]);
    await pass(40 * secondMs);
    assert.equal(received.length, 3);
  });

  it('is retried after the pause that the receiver asks for', async () => {
    const { subscribe, publishEvents, pass, answer, received } = createWebhookScene();
    await subscribe();
    const headers = { 'retry-after': '120' };
    answer(() => ({ status: received.length === 1 ? 503 : 200, headers }));
    await publishEvents([event(1)]);
    await pass(10 * secondMs);
    await publishEvents([event(2)]);
    await pass(100 * secondMs);
    assert.equal(received.length, 1);
    await pass(20 * secondMs);
    assert.equal(received.length, 3);
  });
});

describe('dead letters', () => {
  it('are delivered again on request, with their webhook-ids and for another day', async () => {
    const { subscribe, publishEvents, pass, answer, received, subscriptionAdmin } = createWebhookScene();
    const id = await subscribe();
    answer(() => 503);
    await publishEvents(Array.from({ length: 70 }, (_, index) => event(index + 1)));
    await pass(26 * hourMs);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 0, deadLettered: 70 });
    const before = new Set(received.map(({ webhookId }) => webhookId));
    await subscriptionAdmin.resendDeadLetters(id);
    await pass(12 * hourMs);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 70, deadLettered: 0 });
    answer(() => 200);
    await pass(13 * hourMs);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 0, deadLettered: 0, delivered: 70 });
    assert.deepEqual(new Set(received.map(({ webhookId }) => webhookId)), before);
  });

  it('are listed page by page', async () => {
    const { subscribe, publishEvents, pass, answer, subscriptionAdmin } = createWebhookScene();
    const id = await subscribe();
    answer(() => 503);
    await publishEvents([event(1), event(2), event(3)]);
    await pass(26 * hourMs);
    const first = await subscriptionAdmin.listDeadLetters(id, undefined, 2);
    const second = await subscriptionAdmin.listDeadLetters(id, first.next, 2);
    assert.deepEqual(
      [first, second].map(({ items, next }) => [items.map(({ incidentId }) => incidentId), next !== undefined]),
      [
        [[1, 2], true],
        [[3], false],
      ],
    );
  });

  it('keep a large body for another 32 days when they are delivered again', async () => {
    const { subscribe, publishEvents, pass, answer, subscriptionAdmin, cleanUp, received } = createWebhookScene();
    const id = await subscribe();
    answer(() => 503);
    await publishEvents([event(1, 1, { data: largeData(1) })]);
    await pass(30 * 24 * hourMs);
    await subscriptionAdmin.resendDeadLetters(id);
    await pass(3 * 24 * hourMs);
    await cleanUp();
    answer(() => 200);
    received.splice(0);
    await subscriptionAdmin.resendDeadLetters(id);
    await pass(minuteMs);
    assert.equal(received.length, 1);
  });
});

describe('a receiver that answers 410', () => {
  it('ends its subscription, with everything that waits for it', async () => {
    const { subscribe, publishEvents, pass, received, answer, subscriptions, table, host } = createWebhookScene();
    const id = await subscribe();
    answer(() => 410);
    await publishEvents([event(1), event(2), event(3)]);
    await pass(minuteMs);
    assert.equal(await subscriptions.get(id), undefined);
    assert.deepEqual([await table.list(id), host.length()], [[], 0]);
    const before = received.length;
    await pass(25 * hourMs);
    assert.equal(received.length, before);
  });
});

describe('a message that was lost', () => {
  it('is replaced within a minute', async () => {
    const { subscribe, publishEvents, pass, received, answer, host, dispatcher } = createWebhookScene();
    await subscribe();
    await publishEvents([event(1)]);
    host.clear();
    await dispatcher.wakeOverdue();
    assert.equal(host.length(), 0);
    await pass(40 * secondMs);
    answer(() => 500);
    await dispatcher.wakeOverdue();
    await pass(secondMs);
    assert.deepEqual([received.length, host.length()], [1, 1]);
    host.clear();
    await pass(minuteMs);
    await dispatcher.wakeOverdue();
    await pass(secondMs);
    assert.equal(received.length, 2);
  });
});
