import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { removeOldIncidents } from '../../../shared/incident-feed/feed-cleanup.ts';
import { createListeners } from '../../../shared/incident-feed/listeners.ts';
import type { Subscription } from '../../../shared/webhooks/subscription.ts';
import { createFeedScene, minuteMs, tenantId } from './feed-scene.ts';

const dayMs = 24 * 60 * minuteMs;
const subscription: Subscription = {
  id: 'x',
  events: ['incident.created'],
  tenantIds: ['*'],
  createdAt: 0,
  createdBy: 'key',
};

function createCleanupScene() {
  const scene = createFeedScene();
  const { table, blobs, clock, log } = scene;
  const subscriptions = [subscription];
  const listeners = createListeners({ table, clock, subscriptions: { list: async () => subscriptions } });
  return {
    ...scene,
    listeners,
    unsubscribe: () => subscriptions.splice(0),
    cleanUp: (deadlineAt = Number.POSITIVE_INFINITY) =>
      removeOldIncidents({ table, blobs, clock, listeners }, deadlineAt, log),
    rowKeys: async (ofTenant = tenantId) => (await table.list(ofTenant)).map(({ rowKey }) => rowKey.split('|')[0]),
  };
}

describe('removing old incidents', () => {
  it('removes those that were not updated for 180 days, and keeps the others', async () => {
    const { incidents, listeners, run, minute, pass, cleanUp, rowKeys } = createCleanupScene();
    await listeners.noteTenant(tenantId);
    await run();
    for (let id = 1; id <= 130; id++) {
      pass(1);
      incidents.create(id);
    }
    await minute(5);
    pass(170 * dayMs);
    incidents.update(1);
    await minute(3);
    pass(11 * dayMs);
    await cleanUp();
    assert.deepEqual(await rowKeys(), ['checkpoint', 'incident', 'log']);
  });

  it('removes a feed without incidents and listeners as a whole', async () => {
    const { incidents, listeners, run, minute, pass, cleanUp, rowKeys, unsubscribe, table } = createCleanupScene();
    await listeners.noteTenant(tenantId);
    await run();
    pass(1);
    incidents.create(1);
    await minute();
    unsubscribe();
    await cleanUp();
    assert.deepEqual(await rowKeys(), ['checkpoint', 'incident', 'log']);
    pass(181 * dayMs);
    await cleanUp();
    assert.deepEqual([await rowKeys(), await table.list('tenants')], [[], []]);
  });

  it('makes two calls for a tenant with nothing to remove', async () => {
    const { listeners, run, cleanUp, table } = createCleanupScene();
    await listeners.noteTenant(tenantId);
    await run();
    const before = table.calls();
    await cleanUp();
    assert.equal(table.calls() - before, 2);
  });

  it('continues with the other tenants when one fails, and with the rest after the deadline', async () => {
    const { incidents, listeners, run, minute, pass, cleanUp, rowKeys, warnings, table, now } = createCleanupScene();
    for (const id of ['0', tenantId]) await listeners.noteTenant(id);
    await run();
    pass(1);
    incidents.create(1);
    await minute();
    pass(181 * dayMs);
    await cleanUp(now());
    assert.deepEqual(await rowKeys(), ['checkpoint', 'incident', 'log']);
    table.injectFault({ when: 'before', method: 'list', key: '0' });
    await cleanUp();
    assert.deepEqual(await rowKeys(), ['checkpoint']);
    assert.match(warnings.join(), /Failed to remove expired incidents of tenant 0: /);
  });

  it('leaves a feed alone that is running', async () => {
    const { incidents, listeners, run, minute, pass, cleanUp, rowKeys, setAnswer } = createCleanupScene();
    await listeners.noteTenant(tenantId);
    await run();
    pass(1);
    incidents.create(1);
    await minute();
    pass(181 * dayMs);
    let cleaned = Promise.resolve();
    setAnswer(() => {
      cleaned = cleanUp();
    });
    await minute();
    await cleaned;
    assert.deepEqual(await rowKeys(), ['checkpoint', 'incident', 'log']);
  });

  it('removes blobs without rows', async () => {
    const { pass, cleanUp, blobs } = createCleanupScene();
    await blobs.write('left-behind', 'x');
    pass(182 * dayMs);
    await cleanUp();
    assert.deepEqual(blobs.names, []);
  });
});
