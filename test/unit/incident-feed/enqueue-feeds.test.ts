import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { syncIncidents } from '../../../shared/incident-feed/enqueue-feeds.ts';
import { createFakeQueue } from '../storage/fake-queue.ts';

const since = Date.parse('2026-11-20T10:00:00Z');
const messageOf = (tenantId: string) => ({ tenantId, activeSince: '2026-11-20T10:00:00.000Z' });

function createScene(active: readonly string[]) {
  const warnings: string[] = [];
  const noted: string[] = [];
  const queue = createFakeQueue();
  let wakes = 0;
  const listTenants = async () =>
    ['a', 'b', 'quiet', 'invited'].map((tenantId) => ({ tenantId, isPending: tenantId === 'invited' }));
  const parts = {
    tenants: { listServedTenants: listTenants },
    listeners: {
      read: async () => ({
        tenants: [],
        activeSince: (tenantId: string) => (active.includes(tenantId) ? since : undefined),
      }),
      async noteTenant(tenantId: string) {
        noted.push(tenantId);
      },
    },
    queue,
    dispatcher: {
      async wakeOverdue() {
        wakes++;
      },
    },
  };
  const log = { info: () => {}, warn: (line: string) => warnings.push(line) };
  return { queue, noted, warnings, wakes: () => wakes, run: () => syncIncidents(parts, log) };
}

describe('syncIncidents', () => {
  it('enqueues the served tenants that have listeners, with messages that expire', async () => {
    const { queue, run, wakes, noted } = createScene(['a', 'b', 'invited', 'elsewhere']);
    await run();
    assert.deepEqual(noted, ['a', 'b']);
    const [first, second, ...others] = queue.take();
    assert.deepEqual([first?.message, second?.message, others], [messageOf('a'), messageOf('b'), []]);
    assert.ok((first?.keptForMs ?? Number.POSITIVE_INFINITY) <= 5 * 60_000);
    assert.equal(wakes(), 1);
  });

  it('enqueues nothing without listeners, and still wakes deliveries', async () => {
    const { queue, run, wakes } = createScene([]);
    await run();
    assert.deepEqual([queue.take(), wakes()], [[], 1]);
  });

  it('continues where one tenant cannot be enqueued, and warns', async () => {
    const { queue, run, warnings, wakes } = createScene(['a', 'b']);
    queue.injectFault({ when: 'before', key: /"a"/ });
    await run();
    assert.deepEqual([queue.take().length, wakes()], [1, 1]);
    assert.match(warnings.join(), /^Failed to enqueue 1 of 2 tenants/);
  });

  it('fails when no tenant can be enqueued', async () => {
    const { queue, run } = createScene(['a', 'b']);
    queue.setDown(true);
    await assert.rejects(run(), { name: 'UpstreamError' });
  });
});
