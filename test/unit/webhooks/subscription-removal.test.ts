import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWebhookScene, event, hourMs, largeData, minuteMs } from './webhook-scene.ts';

type Scene = ReturnType<typeof createWebhookScene>;

const listRowKeys = async ({ subscriptionTable }: Pick<Scene, 'subscriptionTable'>) =>
  (await subscriptionTable.list('subscription')).map(({ rowKey }) => rowKey);

const large = event(1, 1, { data: largeData(1) });

describe('removing a subscription', () => {
  it('removes its deliveries, bodies and message', async () => {
    const { subscribe, publishEvents, pass, subscriptionAdmin, table, blobs, host } = createWebhookScene();
    const id = await subscribe();
    await publishEvents([large, event(2)]);
    await subscriptionAdmin.remove(id);
    await pass(minuteMs);
    assert.deepEqual([await table.list(id), blobs.names, host.length()], [[], [], 0]);
  });

  it('leaves nothing behind when the instance dies right after the tombstone', async () => {
    const scene = createWebhookScene({ skewsMs: [0, 0] });
    const { subscribe, publishEvents, pass, table, blobs, subscriptions, instances } = scene;
    const id = await subscribe();
    await publishEvents([large, event(2)]);
    await subscriptions.remove(id);
    instances[0]?.kill();
    scene.host.clear();
    await instances[1]?.removeOld(Number.POSITIVE_INFINITY);
    assert.deepEqual([await table.list(id), blobs.names], [[], []]);
    await pass(2 * hourMs);
    await instances[1]?.removeOld(Number.POSITIVE_INFINITY);
    assert.deepEqual(await listRowKeys(scene), ['!count']);
  });

  it('leaves nothing behind when a publisher has read the subscription before', async () => {
    const { subscribe, publishEvents, pass, subscriptionAdmin, table, blobs, cleanUp, subscriptionTable } =
      createWebhookScene();
    const id = await subscribe();
    const publishing = publishEvents([large, event(2)]);
    await subscriptionAdmin.remove(id);
    await publishing;
    await pass(minuteMs);
    await cleanUp();
    assert.deepEqual([await table.list(id), blobs.names], [[], []]);
    await pass(2 * hourMs);
    await cleanUp();
    assert.deepEqual(await listRowKeys({ subscriptionTable }), ['!count']);
  });

  it('keeps the tombstone for an hour, in which publishers may still add deliveries', async () => {
    const { subscribe, pass, subscriptions, cleanUp } = createWebhookScene();
    const id = await subscribe();
    await subscriptions.remove(id);
    await pass(59 * minuteMs);
    await cleanUp();
    assert.equal(await subscriptions.isRemoved(id), true);
  });

  for (const method of ['list', 'transact', 'delete'] as const)
    it(`is completed after a failing ${method} of its deliveries`, async () => {
      const { subscribe, publishEvents, pass, subscriptionAdmin, table, blobs } = createWebhookScene();
      const id = await subscribe();
      await publishEvents([large, event(2)]);
      await subscriptionAdmin.remove(id);
      table.injectFault({ when: 'before', method, times: 3 });
      blobs.injectFault({ when: 'after', method: 'delete' });
      await pass(10 * minuteMs);
      assert.deepEqual([await table.list(id), blobs.names], [[], []]);
    });
});

describe('the cleanup', () => {
  it('removes accepted events after two days and dead letters after 30', async () => {
    const { subscribe, publishEvents, pass, answer, subscriptionAdmin, table, blobs, cleanUp } = createWebhookScene();
    const id = await subscribe();
    await publishEvents([event(2)]);
    await pass(minuteMs);
    answer(() => 500);
    await publishEvents([large]);
    await pass(3 * 24 * hourMs);
    await cleanUp();
    assert.equal(blobs.names.length, 1);
    assert.deepEqual(await table.list(id, { from: 't|', before: 't}' }), []);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { deadLettered: 1, delivered: 1, waiting: 0 });
    await pass(28.5 * 24 * hourMs);
    await cleanUp();
    assert.deepEqual(
      (await table.list(id)).map(({ rowKey }) => rowKey.split('|')[0]),
      ['state', 'state', 's'],
    );
    assert.deepEqual(blobs.names, []);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { deadLettered: 0, delivered: 1, waiting: 0 });
  });

  it('continues with the other subscriptions when one fails', async () => {
    const { subscribe, publishEvents, pass, table, cleanUp } = createWebhookScene();
    const first = await subscribe();
    const second = await subscribe({ events: ['incident.created'] });
    await publishEvents([event(1)]);
    await pass(3 * 24 * hourMs);
    table.injectFault({ when: 'before', method: 'list', key: first });
    await assert.rejects(cleanUp(), { name: 'UpstreamError' });
    assert.equal((await table.list(first, { from: 't|', before: 't}' })).length, 1);
    assert.equal((await table.list(second, { from: 't|', before: 't}' })).length, 0);
  });
});
