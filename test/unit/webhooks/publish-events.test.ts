import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callbackUrl, createWebhookScene, event, largeData, minuteMs, secondMs, tenantId } from './webhook-scene.ts';

describe('publishEvents', () => {
  it('delivers the events that match the filters of a subscription', async () => {
    const { subscribe, publishEvents, pass, received } = createWebhookScene();
    await subscribe({ minimumSeverity: 'Medium', status: ['Active'], events: ['incident.created'] });
    await publishEvents([
      event(1),
      event(2, 1, { severity: 'Low' }),
      event(3, 1, { status: 'Resolved' }),
      event(5, 1, { tenantId: '22222222-2222-4333-8444-555555555555' }),
      event(6, 1, { severity: 'Catastrophic' }),
    ]);
    await pass(secondMs);
    assert.deepEqual(received.map(({ incidentId }) => incidentId).sort(), [1, 6]);
    assert.deepEqual(JSON.parse(received.find(({ incidentId }) => incidentId === 1)?.text ?? ''), {
      type: 'incident.created',
      timestamp: '2026-11-20T10:00:00Z',
      tenantId,
      data: { incidentId: 1, version: 1 },
    });
  });

  it('accepts an event once, however often it is published', async () => {
    const { subscribe, publishEvents, pass, received, subscriptionAdmin } = createWebhookScene();
    const id = await subscribe();
    assert.equal(await publishEvents([event(1), event(2)]), 2);
    assert.equal(await publishEvents([event(2), event(3)]), 1);
    await pass(secondMs);
    assert.equal(await publishEvents([event(1), event(2), event(3)]), 0);
    await pass(secondMs);
    assert.equal(new Set(received.map(({ webhookId }) => webhookId)).size, 3);
    assert.equal(received.length, 3);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { delivered: 3, waiting: 0 });
  });

  it('counts what waits without reading the deliveries', async () => {
    const { subscribe, publishEvents, pass, subscriptionAdmin, table } = createWebhookScene();
    const id = await subscribe();
    await publishEvents(Array.from({ length: 130 }, (_, index) => event(index + 1)));
    const before = table.calls();
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 130, delivered: 0 });
    assert.equal(table.calls() - before, 1);
    await pass(minuteMs);
    const status = { waiting: 0, delivered: 130, deadLettered: 0 };
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), status);
  });

  it('counts the events of concurrent publishers', async () => {
    const { subscribe, publishEvents, pass, subscriptionAdmin, received } = createWebhookScene();
    const id = await subscribe({ tenantIds: ['*'] });
    const other = '22222222-2222-4333-8444-555555555555';
    await Promise.all([
      ...Array.from({ length: 8 }, (_, index) => publishEvents([event(index + 1), event(index + 2)])),
      publishEvents([event(1, 1, { tenantId: other })]),
    ]);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 10 });
    await pass(minuteMs);
    assert.equal(received.length, 10);
  });

  it('reaches the other subscriptions when one fails', async () => {
    const { subscribe, publishEvents, pass, received, table } = createWebhookScene();
    const [first] = [await subscribe(), await subscribe({ callbackUrl: `${callbackUrl}/other` })];
    table.injectFault({ when: 'before', key: new RegExp(`^${first}/`), times: 10 });
    await assert.rejects(publishEvents([event(1)]), { name: 'UpstreamError' });
    await pass(secondMs);
    assert.deepEqual(
      received.map(({ url }) => url),
      [`${callbackUrl}/other`],
    );
  });

  it('stores a large body as a blob until it is delivered', async () => {
    const { subscribe, publishEvents, pass, received, blobs } = createWebhookScene();
    await subscribe();
    await publishEvents([event(1, 1, { data: largeData(1) })]);
    assert.equal(blobs.names.length, 1);
    await pass(secondMs);
    assert.equal(JSON.parse(received[0]?.text ?? '').data.rows.length, 60_000);
    assert.equal(blobs.names.length, 0);
  });

  it('leaves no blob behind for an event that was accepted and delivered before', async () => {
    const { subscribe, publishEvents, pass, received, blobs } = createWebhookScene();
    await subscribe();
    const large = event(1, 1, { data: largeData(1) });
    await publishEvents([large]);
    await publishEvents([large]);
    await pass(secondMs);
    await publishEvents([large]);
    assert.deepEqual([received.length, blobs.names.length], [1, 0]);
  });
});
