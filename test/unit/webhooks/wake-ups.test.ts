import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWakeUps } from '../../../shared/webhooks/wake-ups.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';
import { createQueueHost } from './queue-host.ts';

const secondMs = 1_000;
const hourMs = 3_600_000;

function createScene() {
  const clock = createFakeClock();
  const table = createFakeTable();
  const host = createQueueHost(clock);
  const open = () => createWakeUps(table, host.queue, clock);
  const started: number[] = [];
  const { request, acknowledge } = open();
  const startedAt = clock.now();
  return {
    host,
    open,
    table,
    started,
    clock,
    request: (atMs: number) => request('one', startedAt + atMs),
    /** Starts an instance that acknowledges what it receives. */
    start: () =>
      host.startInstance(async (message) => {
        started.push(clock.now() - startedAt);
        await acknowledge(Object(message));
      }),
  };
}

describe('a requested run', () => {
  it('is started once by one message, however many requests there are', async () => {
    const { request, host, start, started, clock } = createScene();
    await Promise.all(Array.from({ length: 8 }, () => request(0)));
    assert.equal(host.length(), 1);
    start();
    await clock.advance(hourMs);
    assert.equal(started.length, 1);
  });

  it('is moved forward by an earlier request, and not back by a later one', async () => {
    const { request, host, start, started, clock } = createScene();
    await request(4 * hourMs);
    await request(10 * secondMs);
    await request(2 * hourMs);
    assert.equal(host.length(), 1);
    start();
    await clock.advance(5 * hourMs);
    assert.deepEqual(started, [10 * secondMs]);
  });

  it('follows another one when it is requested after that has begun', async () => {
    const { request, start, started, clock } = createScene();
    start();
    await request(0);
    await clock.advance(secondMs);
    await request(2 * secondMs);
    await clock.advance(hourMs);
    assert.equal(started.length, 2);
  });

  it('gets a new message half a minute after the first was lost', async () => {
    const { request, host, clock } = createScene();
    await request(0);
    host.clear();
    await request(0);
    assert.equal(host.length(), 0);
    await clock.advance(31 * secondMs);
    await request(0);
    assert.equal(host.length(), 1);
  });

  it('keeps one message when that waits for long in a full queue', async () => {
    const { request, host, clock } = createScene();
    for (let minute = 0; minute < 10; minute++) {
      await request(0);
      await clock.advance(60 * secondMs);
    }
    assert.equal(host.length(), 1);
  });
});

describe('a lost response', () => {
  for (const [what, inject] of [
    ['send', ({ host }) => host.queue.injectFault({ when: 'after', method: 'send' })],
    ['reschedule', ({ host }) => host.queue.injectFault({ when: 'after', method: 'reschedule' })],
    ['insert', ({ table }) => table.injectFault({ when: 'after', method: 'insert' })],
    ['replace', ({ table }) => table.injectFault({ when: 'after', method: 'replace' })],
    ['delete', ({ table }) => table.injectFault({ when: 'after', method: 'delete' })],
  ] satisfies [string, (scene: ReturnType<typeof createScene>) => void][])
    it(`to a ${what} loses no run and leaves no message behind`, async () => {
      const scene = createScene();
      const { request, host, start, started, clock } = scene;
      inject(scene);
      await request(hourMs).catch(() => {});
      await request(2 * secondMs).catch(() => request(2 * secondMs));
      assert.ok(host.length() <= 2);
      start();
      await clock.advance(2 * hourMs);
      assert.ok((started[0] ?? hourMs) < 3 * secondMs, `${started}`);
      assert.equal(host.length(), 0);
    });
});
