import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { syncIncidents } from '../../../shared/incident-feed/sync-incidents.ts';
import type { Queue } from '../../../shared/storage/queues.ts';
import { createFakeQueue } from '../storage/fake-queue.ts';

const served = (...tenantIds: string[]) => ({
  listServedTenants: async () => [
    ...tenantIds.map((tenantId) => ({ tenantId, isPending: false })),
    { tenantId: 'invited', isPending: true },
  ],
});

function createScene(tenants: string[], queue: Queue = createFakeQueue()) {
  const log: string[] = [];
  let wakes = 0;
  const dispatcher = {
    async wakeOverdue() {
      wakes++;
    },
  };
  const lines = { info: (line: string) => log.push(line), warn: (line: string) => log.push(line) };
  return {
    log,
    wakes: () => wakes,
    run: () => syncIncidents({ tenants: served(...tenants), queue, dispatcher }, lines),
  };
}

const down = () => new UpstreamError('The storage is down.', { service: 'storage', failure: 'connection' });

describe('each minute', () => {
  it('has every tenant looked at that is served, with messages that do not heap up', async () => {
    const queue = createFakeQueue();
    const { run, wakes } = createScene(['a', 'b'], queue);
    await run();
    const [first, second, ...others] = queue.take();
    assert.deepEqual([first?.message, second?.message, others], [{ tenantId: 'a' }, { tenantId: 'b' }, []]);
    assert.ok((first?.keptForMs ?? Number.POSITIVE_INFINITY) <= 5 * 60_000);
    assert.equal(wakes(), 1);
  });

  it('goes on where one tenant cannot be told, and says so', async () => {
    const fake = createFakeQueue();
    const queue: Queue = {
      ...fake,
      send: (message, ...others) =>
        Object(message).tenantId === 'a' ? Promise.reject(down()) : fake.send(message, ...others),
    };
    const { run, log, wakes } = createScene(['a', 'b'], queue);
    await run();
    assert.deepEqual([fake.take().length, wakes()], [1, 1]);
    assert.match(log.join(), /^1 of 2 tenants cannot be looked at/);
  });

  it('fails when nobody can be told', async () => {
    const queue = createFakeQueue();
    queue.setDown(true);
    await assert.rejects(createScene(['a', 'b'], queue).run(), { name: 'UpstreamError' });
  });
});
