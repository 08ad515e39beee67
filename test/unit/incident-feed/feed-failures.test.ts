import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toTicks } from '../../../shared/defender/ticks.ts';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { createFeedScene, minuteMs } from './feed-scene.ts';

const refused = (status: number) => new UpstreamError('No.', { service: 'defender', failure: 'refused', status });

describe('the incident feed, when Defender fails', () => {
  it('quarantines an incident that cannot be read, publishes the others, and retries', async () => {
    const { incidents, minute, run, names, warnings, pass, now, setAnswer } = createFeedScene();
    await run();
    for (let id = 1; id <= 150; id++) {
      pass(1_000);
      incidents.create(id);
    }
    setAnswer(({ updatedFrom, updatedBefore = toTicks(now()) + 1n }, { skip = 0, top = 100 }) => {
      const inside = incidents
        .visible()
        .filter((each) => each.updatedAt >= updatedFrom && each.updatedAt < updatedBefore);
      const shown = inside.sort((a, b) => (a.createdAt > b.createdAt ? -1 : 1)).slice(skip, skip + top);
      if (shown.some(({ incidentId }) => incidentId === 77)) throw refused(500);
    });
    await minute(4);
    assert.equal(names().length, 149);
    assert.match(warnings.join('\n'), /window .* failed \(attempt 1\); quarantined, will retry/);
    setAnswer(() => {});
    await minute(20);
    assert.equal(names().length, 150);
    assert.equal(new Set(names()).size, 150);
  });

  it('does not take an outage for bad incidents, and catches up after it', async () => {
    const { incidents, minute, run, names, warnings, pass, setAnswer, calledAt } = createFeedScene();
    await run();
    pass(1);
    setAnswer(() => {
      throw refused(503);
    });
    for (let id = 1; id <= 300; id++) {
      pass(10 * minuteMs);
      incidents.create(id);
      if (id % 50 === 0) await minute();
    }
    assert.ok(warnings.every((line) => !line.includes('quarantined')));
    assert.ok(calledAt.length < 20);
    setAnswer(() => {});
    await minute(10);
    assert.equal(names().length, 300);
  });

  it('survives a day of outage with a small checkpoint and few calls to catch up', async () => {
    const { incidents, minute, run, names, pass, setAnswer, calledAt, stateLength } = createFeedScene();
    await run();
    pass(1);
    setAnswer(() => {
      throw refused(503);
    });
    for (let id = 1; id <= 24 * 60; id++) {
      if (id % 10 === 0) incidents.create(id);
      await minute();
    }
    assert.ok((await stateLength()) < 20_000, `${await stateLength()} characters`);
    setAnswer(() => {});
    const before = calledAt.length;
    await minute(10);
    assert.equal(names().length, 24 * 6);
    assert.ok(calledAt.length - before < 100, `${calledAt.length - before} calls`);
  });

  it('takes a service that fails for every window as down', async () => {
    const { incidents, minute, run, pass, now, setAnswer, warnings, stateLength } = createFeedScene();
    await run();
    for (let id = 1; id <= 500; id++) {
      pass(1_000);
      incidents.create(id);
    }
    setAnswer(({ updatedFrom }) => {
      if (updatedFrom < toTicks(now())) throw refused(500);
    });
    await minute(300);
    assert.ok((await stateLength()) < 100_000, `${await stateLength()} characters`);
    assert.ok(warnings.some((line) => line.includes('quarantined')));
  });

  it('continues where a service refuses to skip further within one instant', async () => {
    const { incidents, minute, run, pass, now, names, setAnswer, warnings } = createFeedScene();
    await run();
    pass(1);
    const at = toTicks(now());
    for (let id = 1; id <= 800; id++) incidents.create(id, { at });
    pass(5_000);
    incidents.create(9_001);
    setAnswer((_window, { skip = 0 }) => {
      if (skip > 500) throw refused(400);
    });
    await minute(4);
    incidents.create(9_002);
    await minute(4);
    assert.ok(names().some((name) => name.startsWith('9001@')) && names().some((name) => name.startsWith('9002@')));
    assert.ok(names().length >= 602, `${names().length}`);
    assert.match(warnings.join(), /quarantined/);
  });

  it('warns of a tenant that cannot be read, but not each minute of one that has not consented', async () => {
    for (const [error, expected] of [
      [new RequestError(403, 'ConsentRequired', 'No.'), [2, 0]],
      [new RequestError(403, 'MissingPermission', 'No.'), [0, 2]],
      [refused(503), [0, 2]],
    ] as const) {
      const { run, minute, infos, warnings, setAnswer } = createFeedScene();
      await run();
      setAnswer(() => {
        throw error;
      });
      await minute(2);
      assert.deepEqual([infos.length, warnings.length], expected);
    }
  });

  it('makes no call before Retry-After has passed', async () => {
    const { run, minute, calledAt, setAnswer } = createFeedScene();
    await run();
    setAnswer(() => {
      throw new RequestError(429, 'Throttled', 'No.', { headers: { 'retry-after': '150' } });
    });
    await minute();
    const before = calledAt.length;
    setAnswer(() => {});
    await minute(2);
    assert.equal(calledAt.length, before);
    await minute();
    assert.ok(calledAt.length > before);
  });

  it('finds incidents that move past the reader within one instant', async () => {
    const { incidents, minute, run, names, pass, now, setAnswer } = createFeedScene();
    await run();
    pass(1);
    const at = toTicks(now());
    for (let id = 1; id <= 250; id++) incidents.create(id, { at });
    pass(30 * minuteMs);
    setAnswer((_window, { skip = 0 }) => {
      if (skip > 0) incidents.update(250);
    });
    await minute(3);
    assert.deepEqual(
      new Set(names().map((name) => Number(name.split('@')[0]))),
      new Set(Array.from({ length: 250 }, (_, index) => index + 1)),
    );
  });
});
