import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { formatTicks } from '../../../shared/defender/ticks.ts';
import { createFailing, type Fate } from './failing-table.ts';
import { minuteMs } from './feed-scene.ts';
import { both, createPollScene } from './poll-scene.ts';

const step = fc.record({
  kind: fc.constantFrom('create', 'update', 'poll', 'feed', 'burst'),
  id: fc.integer({ min: 1, max: 60 }),
  lateMs: fc.constantFrom(0, 0, 1_000, 5 * minuteMs, 10 * minuteMs - 1),
  passMs: fc.constantFrom(0, 1, 1_000, minuteMs, 3 * minuteMs),
  /** The storage call of a feed run or poll that fails. */
  failsAt: fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
  when: fc.constantFrom('before' as const, 'after' as const),
});

it('polls return the latest version of every incident, for any order of events and any failing storage call', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      let fate: () => Fate = () => undefined;
      const scene = createPollScene(
        both,
        0,
        createFailing(() => fate()),
      );
      const { incidents, start, poll, minute, given, pass } = scene;
      await start();
      let [bursts, failures] = [0, 0];
      for (const { kind, id, lateMs, passMs, failsAt, when } of steps) {
        if (kind === 'create') incidents.create(1_000 + id, { lateMs });
        if (kind === 'update') incidents.update(1_000 + id, { lateMs });
        if (kind === 'burst' && bursts++ < 2) for (let n = 0; n < 400; n++) incidents.create(10_000 * bursts + n);
        pass(passMs);
        let calls = 0;
        fate = () => (++calls === failsAt ? when : undefined);
        // A workflow polls again at the same address.
        if (kind === 'feed') await minute().catch(() => failures++);
        if (kind === 'poll') await poll().catch(() => failures++);
        fate = () => undefined;
      }
      await minute(16);
      await poll();
      const last = incidents.visible().map(({ incidentId, updatedAt }) => `${incidentId}@${formatTicks(updatedAt)}`);
      assert.deepEqual(
        last.filter((each) => !given.includes(each)),
        [],
      );
      if (failures === 0) assert.equal(new Set(given).size, given.length, 'A version was repeated');
    }),
    { numRuns: 40, seed: 20_261_126 },
  );
});
