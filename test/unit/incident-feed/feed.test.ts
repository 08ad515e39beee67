import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Defender } from '../../../shared/defender/defender.ts';
import type { IncidentWindow, WindowRange } from '../../../shared/defender/incident-window.ts';
import { formatTicks, toTicks } from '../../../shared/defender/ticks.ts';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { createFeed } from '../../../shared/incident-feed/feed.ts';
import { createFeedLedger } from '../../../shared/incident-feed/incident-versions.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import type { Table } from '../../../shared/storage/tables.ts';
import type { TenantEvent } from '../../../shared/webhooks/event.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeTable } from '../storage/fake-table.ts';
import { createFakeIncidents } from './fake-incidents.ts';

const minuteMs = 60_000;
const tenantId = '11111111-2222-4333-8444-555555555555';

/** A table that fails, from time to time, before or after it has done what it was asked for. */
function failing(table: Table, fate: () => 'before' | 'after' | undefined): Table {
  const wrap =
    <Input extends unknown[], T>(action: (...input: Input) => Promise<T>) =>
    async (...input: Input): Promise<T> => {
      const when = fate();
      const crash = () => new UpstreamError('It crashed.', { service: 'storage', failure: 'connection' });
      if (when === 'before') throw crash();
      const result = await action(...input);
      if (when === 'after') throw crash();
      return result;
    };
  return {
    get: wrap(table.get),
    list: wrap(table.list),
    insert: wrap(table.insert),
    upsert: wrap(table.upsert),
    replace: wrap(table.replace),
    delete: wrap(table.delete),
    transact: wrap(table.transact),
  };
}

function createScene(order: 'created' | 'updated' | 'shuffled' = 'created') {
  let at = Date.parse('2026-11-20T10:00:00.500Z');
  const now = () => at;
  const clock = { now, startTimer: () => () => {} };
  const incidents = createFakeIncidents(now, order);
  const stable = createFakeTable();
  let fate: () => 'before' | 'after' | undefined = () => undefined;
  const table = failing(stable, () => fate());
  const blobs = createFakeBlobs(now);
  const events: TenantEvent[] = [];
  const observations: Observation[] = [];
  const log: string[] = [];
  const warnings: string[] = [];
  const askedAt: number[] = [];
  let answer = (_window: IncidentWindow, _range: WindowRange): void => {};
  const publishEvents = async (group: readonly TenantEvent[]) => {
    for (const event of group) events.push(event);
    return group.length;
  };
  const openDefender = () =>
    ({
      incidents: {
        async readWindow(window: IncidentWindow, range: WindowRange) {
          askedAt.push(at);
          answer(window, range);
          return await incidents.readWindow(window, range);
        },
      },
    }) as unknown as Defender;
  const feed = createFeed({
    table,
    clock,
    observe: (observation) => observations.push(observation),
    overlapMs: 10 * minuteMs,
    openDefender,
    openLedger: (id) => createFeedLedger({ tenantId: id, table, blobs, publishEvents }),
  });
  const lines = {
    info: (line: string) => log.push(line),
    warn: (line: string) => warnings.push(line) + log.push(line),
  };
  return {
    incidents,
    events,
    observations,
    log,
    warnings,
    askedAt,
    now,
    run: () => feed.run(tenantId, lines),
    pass: (ms: number) => {
      at += ms;
    },
    setFate(next: typeof fate) {
      fate = next;
    },
    setAnswer(next: typeof answer) {
      answer = next;
    },
    stateLength: async () => JSON.stringify(await stable.get(tenantId, 'checkpoint')).length,
    names: () => events.map(({ incidentId, version }) => `${incidentId}@${version}`),
    async minute() {
      at += minuteMs;
      await feed.run(tenantId, lines);
    },
  };
}

describe('the incident feed', () => {
  it('begins with what is there, which is known', async () => {
    const { incidents, minute, events, run, pass } = createScene();
    incidents.create(1);
    pass(1);
    await run();
    await minute();
    assert.deepEqual(events, []);
    incidents.update(1);
    await minute();
    assert.deepEqual(
      events.map(({ type }) => type),
      ['incident.created'],
    );
  });

  it('hands every version on once: first created, then updated', async () => {
    const { incidents, minute, events, run, pass } = createScene();
    await run();
    pass(1);
    incidents.create(1);
    for (let minutes = 0; minutes < 12; minutes++) await minute();
    incidents.update(1);
    for (let minutes = 0; minutes < 12; minutes++) await minute();
    assert.deepEqual(
      events.map(({ type, incidentId }) => `${type} ${incidentId}`),
      ['incident.created 1', 'incident.updated 1'],
    );
  });

  for (const order of ['created', 'updated', 'shuffled'] as const) {
    it(`reads 10,000 incidents, 1,200 of them of one instant, listed as ${order}, within the service's limits`, async () => {
      const { incidents, minute, events, run, pass, now, askedAt } = createScene(order);
      await run();
      pass(1);
      for (let id = 1; id <= 8_800; id++) {
        pass(20_000);
        incidents.create(id);
      }
      const at = toTicks(now());
      for (let id = 20_001; id <= 21_200; id++) incidents.create(id, { at });
      for (let minutes = 0; minutes < 30 && events.length < 10_000; minutes++) await minute();
      assert.equal(new Set(events.map(({ incidentId }) => incidentId)).size, 10_000);
      assert.equal(events.length, 10_000);
      for (const [span, most] of [
        [minuteMs, 50],
        [60 * minuteMs, 1_500],
      ] as const) {
        for (const from of askedAt)
          assert.ok(askedAt.filter((each) => each >= from && each < from + span).length <= most);
      }
    });
  }

  it('asks once a minute when nothing is new', async () => {
    const { incidents, minute, run, askedAt, pass } = createScene();
    for (let id = 1; id < 50; id++) incidents.create(id);
    pass(1);
    await run();
    const before = askedAt.length;
    await minute();
    await minute();
    assert.equal(askedAt.length - before, 2);
  });

  it('sets an incident aside that nobody can read, hands on the others, and tries again', async () => {
    const { incidents, minute, run, names, log, pass, now, setAnswer } = createScene();
    await run();
    for (let id = 1; id <= 150; id++) {
      pass(1_000);
      incidents.create(id);
    }
    const bad = incidents.visible().find(({ incidentId }) => incidentId === 77);
    assert.ok(bad);
    setAnswer(({ updatedFrom, updatedBefore = toTicks(now()) + 1n }, { skip = 0, top = 100 }) => {
      const inside = incidents
        .visible()
        .filter((each) => each.updatedAt >= updatedFrom && each.updatedAt < updatedBefore);
      const shown = inside.sort((a, b) => (a.createdAt > b.createdAt ? -1 : 1)).slice(skip, skip + top);
      if (shown.some(({ incidentId }) => incidentId === 77))
        throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 500 });
    });
    for (let minutes = 0; minutes < 4; minutes++) await minute();
    assert.equal(names().length, 149);
    assert.match(log.join('\n'), /cannot be read .*set aside/);
    setAnswer(() => {});
    for (let minutes = 0; minutes < 20; minutes++) await minute();
    assert.equal(names().length, 150);
    assert.equal(new Set(names()).size, 150);
  });

  it('does not take an outage for bad incidents, and catches up after it', async () => {
    const { incidents, minute, run, names, log, pass, setAnswer, askedAt } = createScene();
    await run();
    pass(1);
    setAnswer(() => {
      throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 503 });
    });
    for (let id = 1; id <= 300; id++) {
      pass(10 * minuteMs);
      incidents.create(id);
      if (id % 50 === 0) await minute();
    }
    assert.ok(log.every((line) => !line.includes('set aside')));
    assert.ok(askedAt.length < 20);
    setAnswer(() => {});
    for (let minutes = 0; minutes < 10; minutes++) await minute();
    assert.equal(names().length, 300);
  });

  it('goes through days of outage with a checkpoint that stays small, and few calls to catch up', async () => {
    const { incidents, minute, run, names, pass, setAnswer, askedAt, stateLength } = createScene();
    await run();
    pass(1);
    setAnswer(() => {
      throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 503 });
    });
    for (let id = 1; id <= 3 * 24 * 60; id++) {
      if (id % 10 === 0) incidents.create(id);
      await minute();
    }
    assert.ok((await stateLength()) < 20_000, `${await stateLength()} characters`);
    setAnswer(() => {});
    const before = askedAt.length;
    for (let minutes = 0; minutes < 10; minutes++) await minute();
    assert.equal(names().length, 3 * 24 * 6);
    assert.ok(askedAt.length - before < 100, `${askedAt.length - before} calls`);
  });

  it('takes a service that fails whatever it is asked for one that is down', async () => {
    const { incidents, minute, run, pass, now, setAnswer, log, stateLength } = createScene();
    await run();
    for (let id = 1; id <= 500; id++) {
      pass(1_000);
      incidents.create(id);
    }
    setAnswer(({ updatedFrom }) => {
      if (updatedFrom < toTicks(now()))
        throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 500 });
    });
    for (let minutes = 0; minutes < 300; minutes++) await minute();
    assert.ok((await stateLength()) < 100_000, `${await stateLength()} characters`);
    assert.ok(log.filter((line) => line.includes('set aside')).length > 0);
  });

  it('goes on where a service gives no more of one instant than so many', async () => {
    const { incidents, minute, run, pass, now, names, setAnswer, log } = createScene();
    await run();
    pass(1);
    const at = toTicks(now());
    for (let id = 1; id <= 800; id++) incidents.create(id, { at });
    pass(5_000);
    incidents.create(9_001);
    setAnswer((_window, { skip = 0 }) => {
      if (skip > 500) throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 400 });
    });
    for (let minutes = 0; minutes < 4; minutes++) await minute();
    incidents.create(9_002);
    for (let minutes = 0; minutes < 4; minutes++) await minute();
    assert.ok(names().some((name) => name.startsWith('9001@')) && names().some((name) => name.startsWith('9002@')));
    assert.ok(names().length >= 602, `${names().length}`);
    assert.match(log.join(), /set aside/);
  });

  it('warns of a tenant that cannot be read, but not each minute of one that has not consented', async () => {
    for (const [error, expected] of [
      [new RequestError(403, 'ConsentRequired', 'No.'), 0],
      [new RequestError(403, 'MissingPermission', 'No.'), 2],
      [new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 503 }), 2],
    ] as const) {
      const { run, minute, log, warnings, setAnswer } = createScene();
      await run();
      setAnswer(() => {
        throw error;
      });
      await minute();
      await minute();
      assert.deepEqual([log.length, warnings.length], [2, expected]);
    }
  });

  it('leaves Defender alone for as long as it asks for', async () => {
    const { run, minute, askedAt, setAnswer } = createScene();
    await run();
    setAnswer(() => {
      throw new RequestError(429, 'Throttled', 'No.', { headers: { 'retry-after': '150' } });
    });
    await minute();
    const before = askedAt.length;
    setAnswer(() => {});
    await minute();
    await minute();
    assert.equal(askedAt.length, before);
    await minute();
    assert.ok(askedAt.length > before);
  });

  it('still reads what an outage has left when the run after it dies', async () => {
    const { incidents, minute, run, names, pass, setAnswer, setFate } = createScene();
    await run();
    pass(1);
    incidents.create(1);
    setAnswer(() => {
      throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 503 });
    });
    for (let minutes = 0; minutes < 30; minutes++) await minute();
    setAnswer(() => {});
    let untilDeath = 2;
    setFate(() => (untilDeath-- > 0 ? undefined : 'before'));
    await assert.rejects(minute());
    setFate(() => undefined);
    for (let minutes = 0; minutes < 5; minutes++) await minute();
    assert.equal(names().length, 1);
  });

  it('finds what moves up, past it, while it reads what is of one instant', async () => {
    const { incidents, minute, run, names, pass, now, setAnswer } = createScene();
    await run();
    pass(1);
    const at = toTicks(now());
    for (let id = 1; id <= 250; id++) incidents.create(id, { at });
    pass(30 * minuteMs);
    setAnswer((_window, { skip = 0 }) => {
      if (skip > 0) incidents.update(250);
    });
    for (let minutes = 0; minutes < 3; minutes++) await minute();
    assert.deepEqual(
      new Set(names().map((name) => Number(name.split('@')[0]))),
      new Set(Array.from({ length: 250 }, (_, index) => index + 1)),
    );
  });

  it('is left alone by an instance that comes while another one is at it', async () => {
    const { incidents, minute, run, names, pass, askedAt, setAnswer, log } = createScene();
    await run();
    pass(1);
    incidents.create(1);
    const before = askedAt.length;
    let second = Promise.resolve();
    setAnswer(() => {
      setAnswer(() => {});
      second = run();
    });
    await minute();
    await second;
    assert.deepEqual([askedAt.length - before, names().length, log], [1, 1, []]);
  });

  it('lets one of two instances do the work', async () => {
    const { incidents, run, names, pass } = createScene();
    await run();
    pass(minuteMs);
    for (let id = 1; id <= 30; id++) incidents.create(id);
    pass(1);
    await Promise.all([run(), run()]);
    pass(2 * minuteMs);
    await Promise.all([run(), run()]);
    assert.equal(names().length, 30);
    assert.equal(new Set(names()).size, 30);
  });

  it('loses nothing and doubles nothing but at a crash, whatever happens when', async () => {
    const step = fc.record({
      kind: fc.constantFrom('create', 'create', 'update', 'run', 'run'),
      id: fc.integer({ min: 1, max: 40 }),
      lateMs: fc.constantFrom(0, 0, 1_000, 5 * minuteMs, 10 * minuteMs - 1),
      passMs: fc.constantFrom(0, 1, 1_000, minuteMs, 3 * minuteMs),
      crashAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      when: fc.constantFrom('before' as const, 'after' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { incidents, run, names, events, pass, setFate } = createScene('shuffled');
        await run();
        pass(1);
        const shown = new Set<string>();
        let crashes = 0;
        const remember = () => {
          for (const { incidentId, updatedAt } of incidents.visible())
            shown.add(`${incidentId}@${formatTicks(updatedAt)}`);
        };
        for (const { kind, id, lateMs, passMs, crashAt, when } of steps) {
          if (kind === 'create') incidents.create(id, { lateMs });
          if (kind === 'update') incidents.update(id, { lateMs });
          pass(passMs);
          if (kind !== 'run') continue;
          let left = crashAt ?? Number.POSITIVE_INFINITY;
          setFate(() => (--left === 0 ? when : undefined));
          const isWhole = await run().then(
            () => left > 0,
            () => false,
          );
          setFate(() => undefined);
          if (isWhole) remember();
          else crashes++;
        }
        for (let minutes = 0; minutes < 14; minutes++) {
          pass(minuteMs);
          await run();
        }
        remember();
        const got = new Set(names());
        // A version that was gone again before anybody could look at it once more is not to be had any more.
        const last = new Set(
          incidents.visible().map(({ incidentId, updatedAt }) => `${incidentId}@${formatTicks(updatedAt)}`),
        );
        const lost = [...last].filter((each) => !got.has(each));
        assert.deepEqual(lost, []);
        if (crashes === 0) {
          assert.equal(got.size, names().length, 'Something was handed on twice');
        }
        const versions = new Map<number, string>();
        for (const { incidentId = 0, version } of events) {
          assert.ok((versions.get(incidentId) ?? '') <= version, 'Out of order');
          versions.set(incidentId, version);
        }
      }),
      { numRuns: 150, seed: 20_261_126 },
    );
  });
});
