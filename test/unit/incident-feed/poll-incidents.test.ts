import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatTicks, toTicks } from '../../../shared/defender/ticks.ts';
import { beginPolling, type PollRequest, pollIncidents } from '../../../shared/incident-feed/poll-incidents.ts';
import { type PollState, parsePollState, writePollState } from '../../../shared/incident-feed/poll-state.ts';
import { createFakeIncidents } from './fake-incidents.ts';

const minuteMs = 60_000;
const overlapMs = 10 * minuteMs;
const both: PollRequest = { events: ['incident.created', 'incident.updated'] };
const created: PollRequest = { events: ['incident.created'] };

/** A workflow that polls, with nothing but the text of the state to remember by. */
function createScene(request: PollRequest, order?: 'created' | 'updated' | 'shuffled') {
  let at = Date.parse('2026-11-20T10:00:00.500Z');
  const now = () => at;
  const incidents = createFakeIncidents(now, order);
  const parts = {
    now,
    overlapMs,
    readWindow: (window: Parameters<typeof incidents.readWindow>[0], skip: number) => {
      onRead(skip);
      return incidents.readWindow(window, { skip });
    },
  };
  let text: string | undefined;
  let onRead = (_skip: number): void => {};
  const given: string[] = [];

  function remember(state: PollState): void {
    text = writePollState(state, 'binding');
    assert.ok(text.length < 2_000, `The state has ${text.length} characters`);
  }

  return {
    incidents,
    given,
    stateLength: () => text?.length ?? 0,
    pass: (ms: number) => {
      at += ms;
    },
    now,
    setOnRead(next: typeof onRead) {
      onRead = next;
    },
    begin: async () => remember(await beginPolling(parts, request)),
    /** Polls until there is no more; tells how often. */
    async poll(): Promise<number> {
      for (let polls = 1; ; polls++) {
        assert.ok(polls < 100, 'It does not come to an end');
        const state = parsePollState(text ?? '', 'binding') ?? assert.fail('The state cannot be read');
        const polled = await pollIncidents(parts, request, state);
        assert.ok(polled.incidents.length <= 1_000);
        for (const each of polled.incidents) {
          const { incidentId, lastUpdateTime } = JSON.parse(each);
          given.push(`${incidentId}@${lastUpdateTime}`);
        }
        remember(polled.state);
        if (!polled.hasMore) return polls;
      }
    },
  };
}

const nameOf = ({ incidentId, updatedAt }: { incidentId: number; updatedAt: bigint }) =>
  `${incidentId}@${formatTicks(updatedAt)}`;

describe('polling for incidents', () => {
  it('begins with what can be seen then, which is not new', async () => {
    const { incidents, begin, poll, given, pass } = createScene(both);
    incidents.create(1);
    await begin();
    pass(minuteMs);
    await poll();
    assert.deepEqual(given, []);
  });

  it('gives an incident once, and once more when it was updated', async () => {
    const { incidents, begin, poll, given, pass } = createScene(both);
    await begin();
    incidents.create(1);
    for (let minutes = 0; minutes < 15; minutes++) {
      pass(minuteMs);
      await poll();
    }
    assert.equal(given.length, 1);
    incidents.update(1);
    pass(minuteMs);
    await poll();
    await poll();
    assert.equal(given.length, 2);
  });

  it('asks once when nothing is new', async () => {
    const { incidents, begin, poll, pass } = createScene(both);
    for (let id = 1; id < 90; id++) incidents.create(id);
    await begin();
    pass(minuteMs);
    const before = incidents.calls;
    await poll();
    assert.equal(incidents.calls - before, 1);
  });

  it('tells of creations only, unless it is asked for more, and of updates only, if it is', async () => {
    for (const [request, expected] of [
      [created, ['1']],
      [{ events: ['incident.updated'] } satisfies PollRequest, ['1', '0']],
    ] as const) {
      const { incidents, begin, poll, given, pass } = createScene(request);
      incidents.create(0);
      pass(60 * minuteMs);
      await begin();
      pass(minuteMs);
      incidents.create(1);
      await poll();
      for (const id of [1, 0]) {
        pass(minuteMs);
        incidents.update(id);
        pass(minuteMs);
        await poll();
      }
      assert.deepEqual(
        given.map((each) => each.split('@')[0]),
        expected,
      );
    }
  });

  it('finds what becomes visible late', async () => {
    const { incidents, begin, poll, given, pass } = createScene(created);
    await begin();
    pass(minuteMs);
    incidents.create(1, { lateMs: 9 * minuteMs });
    for (let minutes = 0; minutes < 12; minutes++) {
      pass(minuteMs);
      incidents.create(100 + minutes);
      await poll();
    }
    assert.equal(given.filter((each) => each.startsWith('1@')).length, 1);
    assert.equal(new Set(given).size, given.length);
  });

  for (const order of ['created', 'updated', 'shuffled'] as const) {
    it(`passes 1,200 of one instant among 3,000, listed as ${order}`, async () => {
      const { incidents, begin, poll, given, pass, now, stateLength } = createScene(both, order);
      await begin();
      pass(minuteMs);
      const at = toTicks(now());
      for (let id = 1; id <= 1_200; id++) incidents.create(id, { at });
      for (let id = 2_000; id < 3_800; id++) {
        pass(100);
        incidents.create(id);
      }
      pass(minuteMs);
      await poll();
      assert.equal(new Set(given).size, 3_000);
      assert.ok(stateLength() < 2_000);
    });
  }

  it('takes for created what was updated again before it could be given', async () => {
    const { incidents, begin, poll, given, pass } = createScene(created);
    await begin();
    for (let id = 1; id <= 2_500; id++) {
      pass(1_000);
      incidents.create(id);
    }
    incidents.update(5);
    pass(minuteMs);
    await poll();
    assert.equal(given.length, 2_500);
    assert.equal(given.filter((each) => each.startsWith('5@')).length, 1);
  });

  it('finds what becomes visible late among very many, even where another one has left', async () => {
    const { incidents, begin, poll, given, pass } = createScene(both);
    await begin();
    pass(minuteMs);
    for (let id = 1; id <= 800; id++) {
      pass(100);
      incidents.create(id);
      if (id === 400) incidents.create(9_000, { lateMs: 3 * minuteMs });
    }
    await poll();
    pass(3 * minuteMs);
    incidents.update(401);
    await poll();
    assert.ok(given.some((each) => each.startsWith('9000@')));
  });

  it('finds what moves up, past it, while it reads what is of one instant', async () => {
    const { incidents, begin, poll, given, pass, now, setOnRead } = createScene(both);
    await begin();
    pass(minuteMs);
    const at = toTicks(now());
    for (let id = 1; id <= 250; id++) incidents.create(id, { at });
    pass(30 * minuteMs);
    setOnRead((skip) => {
      if (skip > 0) for (const id of [249, 250]) incidents.update(id);
    });
    await poll();
    pass(minuteMs);
    await poll();
    assert.deepEqual(
      new Set(given.map((each) => Number(each.split('@')[0]))),
      new Set(Array.from({ length: 250 }, (_, index) => index + 1)),
    );
  });

  it('gives everything at least once, whatever happens when', async () => {
    const step = fc.record({
      kind: fc.constantFrom('create', 'update', 'poll', 'burst'),
      id: fc.integer({ min: 1, max: 60 }),
      lateMs: fc.constantFrom(0, 0, 1_000, 5 * minuteMs, 10 * minuteMs - 1),
      passMs: fc.constantFrom(0, 1, 1_000, minuteMs, 3 * minuteMs),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { incidents, begin, poll, given, pass } = createScene(both, 'shuffled');
        await begin();
        pass(1);
        const seen = new Set<string>();
        let bursts = 0;
        for (const { kind, id, lateMs, passMs } of steps) {
          if (kind === 'create') incidents.create(1_000 + id, { lateMs });
          if (kind === 'update') incidents.update(1_000 + id, { lateMs });
          if (kind === 'burst' && bursts++ < 2) for (let n = 0; n < 400; n++) incidents.create(10_000 * bursts + n);
          pass(passMs);
          if (kind !== 'poll') continue;
          for (const version of incidents.visible()) seen.add(nameOf(version));
          await poll();
        }
        pass(11 * minuteMs);
        for (const version of incidents.visible()) seen.add(nameOf(version));
        await poll();
        const missing = [...seen].filter((each) => !given.includes(each));
        assert.deepEqual(missing, []);
        if (bursts === 0) assert.equal(new Set(given).size, given.length, 'Something was repeated');
      }),
      { numRuns: 60, seed: 20_261_126 },
    );
  });
});

describe('the state of a poll', () => {
  it('is good for what it was made for, unchanged', async () => {
    const state: PollState = {
      startedAt: 1n,
      createdSince: 2n,
      highWatermark: { at: 3n, incidentId: 4 },
      seen: {
        kind: 'exact',
        versions: [
          { at: 2n, incidentId: 7 },
          { at: 3n, incidentId: 5 },
        ],
      },
    };
    const text = writePollState(state, 'a');
    assert.deepEqual(parsePollState(text, 'a'), state);
    assert.equal(parsePollState(text, 'b'), undefined);
    for (let index = 0; index < text.length; index++) {
      const changed = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
      assert.equal(parsePollState(changed, 'a'), undefined);
    }
    for (const other of ['', 'x', text.slice(1), `${text}A`, 'ä']) assert.equal(parsePollState(other, 'a'), undefined);
  });
});
