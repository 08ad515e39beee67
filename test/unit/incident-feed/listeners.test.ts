import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createListeners } from '../../../shared/incident-feed/listeners.ts';
import type { Subscription } from '../../../shared/webhooks/subscription.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const dayMs = 24 * 60 * 60_000;
const now = Date.parse('2026-11-20T10:00:00Z');

const subscriptionOf = (changes: Partial<Subscription>): Subscription => ({
  id: 'x',
  events: ['incident.created'],
  tenantIds: ['a'],
  createdAt: now,
  createdBy: 'key',
  ...changes,
});

function createScene(...subscriptions: Subscription[]) {
  let at = now;
  const table = createFakeTable();
  const clock = { now: () => at, startTimer: () => () => {} };
  const listeners = createListeners({ table, clock, subscriptions: { list: async () => subscriptions } });
  return {
    table,
    listeners,
    activeSince: async (tenantId: string) => (await listeners.read()).activeSince(tenantId),
    pass: (ms: number) => {
      at += ms;
    },
  };
}

describe('the listeners of a feed', () => {
  it('include the subscriptions to incidents that cover the tenant: the first counts', async () => {
    const { activeSince } = createScene(
      subscriptionOf({ createdAt: now - 2 }),
      subscriptionOf({ createdAt: now - 1, tenantIds: ['*'] }),
      subscriptionOf({ createdAt: now - 3, events: ['hunt.results'], tenantIds: ['*'] }),
    );
    assert.deepEqual([await activeSince('a'), await activeSince('b')], [now - 2, now - 1]);
  });

  it('start a tenant that is onboarded long after a subscription to all tenants at that time', async () => {
    const { listeners, activeSince, pass } = createScene(subscriptionOf({ tenantIds: ['*'] }));
    await listeners.noteTenant('a');
    pass(10 * dayMs);
    assert.deepEqual([await activeSince('a'), await activeSince('b')], [now, now + 10 * dayMs]);
    await listeners.noteTenant('b');
    pass(dayMs);
    assert.deepEqual([await activeSince('a'), await activeSince('b')], [now, now + 10 * dayMs]);
  });

  it('include the polls of the last 30 days: the oldest cursor counts', async () => {
    const { listeners, activeSince, pass } = createScene();
    assert.equal(await activeSince('a'), undefined);
    await listeners.notePoll('a', now);
    await listeners.notePoll('a', now - 5 * dayMs);
    await listeners.notePoll('a', now);
    assert.equal(await activeSince('a'), now - 5 * dayMs);
    pass(30 * dayMs);
    assert.equal(await activeSince('a'), undefined);
    await listeners.notePoll('a', now + dayMs);
    assert.equal(await activeSince('a'), now + dayMs);
  });

  it('record one poll an hour', async () => {
    const { listeners, table } = createScene();
    await listeners.notePoll('a', now);
    const before = table.calls();
    await listeners.notePoll('a', now + 1);
    assert.equal(table.calls() - before, 1);
  });

  it('keep the oldest cursor when several instances record polls at once', async () => {
    const { listeners, activeSince } = createScene();
    const noted = await Promise.all([now - 2, now - 3, now - 1].map((startedAt) => listeners.notePoll('a', startedAt)));
    assert.equal(new Set(noted.map(({ logId }) => logId)).size, 1);
    assert.equal(await activeSince('a'), now - 3);
  });
});
