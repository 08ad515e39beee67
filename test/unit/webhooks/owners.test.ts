import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWebhookScene, event, hourMs, minuteMs, secondMs, tenantId } from './webhook-scene.ts';

const other = '22222222-2222-4333-8444-555555555555';

describe('the tenants of a subscription to *', () => {
  it('are those in which its owner may act', async () => {
    const { subscribe, instances, pass, received, revoked } = createWebhookScene({ skewsMs: [0, 0] });
    await subscribe({ tenantIds: ['*'] });
    revoked.add(`owner ${other}`);
    for (const instance of instances) await instance.publishEvents([event(1), event(2, 1, { tenantId: other })]);
    await pass(minuteMs);
    assert.deepEqual(
      received.map(({ incidentId }) => incidentId),
      [1],
    );
  });

  it('include one again that was granted again', async () => {
    const { subscribe, publishEvents, pass, receivedVersions, revoked } = createWebhookScene();
    await subscribe({ tenantIds: ['*'] });
    revoked.add(`owner ${tenantId}`);
    await publishEvents([event(1)]);
    revoked.clear();
    await publishEvents([event(2)]);
    await pass(minuteMs);
    assert.deepEqual(receivedVersions(), ['2 v1']);
  });
});

describe('a delivery of a tenant that its owner has lost', () => {
  it('is dropped, and those of other tenants are not', async () => {
    const { subscribe, publishEvents, pass, received, answer, revoked, subscriptionAdmin } = createWebhookScene({
      skewsMs: [0, 0],
    });
    const id = await subscribe({ tenantIds: ['*'] });
    answer(() => 500);
    await publishEvents([event(1), event(1, 2), event(2, 1, { tenantId: other })]);
    await pass(10 * secondMs);
    received.splice(0);
    revoked.add(`owner ${tenantId}`);
    answer(() => 200);
    await pass(hourMs);
    assert.deepEqual(
      received.map(({ incidentId }) => incidentId),
      [2],
    );
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { waiting: 0, delivered: 1, deadLettered: 0 });
  });
});
