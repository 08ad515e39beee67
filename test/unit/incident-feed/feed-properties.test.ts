import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { formatTicks } from '../../../shared/defender/ticks.ts';
import { createFailing, type Fate } from './failing-table.ts';
import { createFeedScene, minuteMs } from './feed-scene.ts';

const step = fc.record({
  kind: fc.constantFrom('create', 'create', 'update', 'run', 'run'),
  id: fc.integer({ min: 1, max: 40 }),
  lateMs: fc.constantFrom(0, 0, 1_000, 5 * minuteMs, 10 * minuteMs - 1),
  passMs: fc.constantFrom(0, 1, 1_000, minuteMs, 3 * minuteMs),
  /** The storage call of a run from which on all fail, or the only one that does. */
  failsAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  failsOnce: fc.boolean(),
  isPublishing: fc.constantFrom(true, true, false),
  when: fc.constantFrom('before' as const, 'after' as const),
});

it('loses nothing, and repeats nothing but after a crash, for any failing storage calls on two instances with different clocks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      let fate: () => Fate = () => undefined;
      const scene = createFeedScene(
        'shuffled',
        createFailing(() => fate()),
      );
      const { incidents, names, events, pass, startInstance } = scene;
      const instances = [startInstance(), startInstance(2 * minuteMs)];
      await instances[0]?.();
      pass(1);
      let crashes = 0;
      for (const [
        index,
        { kind, id, lateMs, passMs, failsAt = Number.POSITIVE_INFINITY, failsOnce, when, isPublishing },
      ] of steps.entries()) {
        if (kind === 'create') incidents.create(id, { lateMs });
        if (kind === 'update') incidents.update(id, { lateMs });
        pass(passMs);
        if (kind !== 'run') continue;
        let calls = 0;
        scene.setPublishing(isPublishing);
        fate = () => {
          calls++;
          return calls === failsAt || (!failsOnce && calls > failsAt) ? when : undefined;
        };
        await instances[index % 2]?.().catch(() => crashes++);
        fate = () => undefined;
        scene.setPublishing(true);
      }
      for (let minutes = 0; minutes < 16; minutes++) {
        pass(minuteMs);
        await instances[minutes % 2]?.();
      }
      const got = new Set(names());
      // A version that was replaced before it was read cannot be read any more.
      const last = incidents.visible().map(({ incidentId, updatedAt }) => `${incidentId}@${formatTicks(updatedAt)}`);
      assert.deepEqual(
        last.filter((each) => !got.has(each)),
        [],
      );
      if (crashes === 0) assert.equal(got.size, names().length, 'A version was published twice');
      const versions = new Map<number, string>();
      for (const { incidentId, version } of events) {
        assert.ok((versions.get(incidentId) ?? '') <= version, 'Versions are out of order');
        versions.set(incidentId, version);
      }
    }),
    { numRuns: 150, seed: 20_261_126 },
  );
});
