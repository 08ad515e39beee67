import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { IncidentVersion, WindowPage } from '../../../shared/defender/incident-window.ts';
import { type Ticks, ticksPerMs } from '../../../shared/defender/ticks.ts';
import { UpstreamError } from '../../../shared/errors.ts';
import { beginReading, type FeedAnswer, type FeedCall, step } from '../../../shared/incident-feed/feed-step.ts';
import { toPending } from '../../../shared/incident-feed/pending-window.ts';

const refused = new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 500 });
const linked = 'the service links without end';

interface ServiceOptions {
  poison?: ReadonlySet<number>;
  /** Page size limit of the service. */
  maxPage?: number;
  isLinked?: boolean;
}

/** A service that lists versions in the order that they are given in. */
function createService(versions: readonly IncidentVersion[], { poison, maxPage = 100, isLinked }: ServiceOptions = {}) {
  return ({ window, top, skip }: FeedCall): WindowPage => {
    const { updatedFrom, updatedBefore, createdFrom, createdBefore } = window;
    const found = versions.filter(
      ({ updatedAt, createdAt }) =>
        updatedAt >= updatedFrom &&
        (updatedBefore === undefined || updatedAt < updatedBefore) &&
        (createdFrom === undefined || createdAt >= createdFrom) &&
        (createdBefore === undefined || createdAt < createdBefore),
    );
    const page = found.slice(skip, skip + Math.min(top, maxPage));
    if (page.some(({ incidentId }) => poison?.has(incidentId))) throw refused;
    const hasLink = isLinked || skip + page.length < found.length;
    const end = page.length >= top ? 'open' : hasLink && page.length > 0 ? 'unclear' : 'reached';
    return { versions: page, unversioned: [], count: page.length, end };
  };
}

/** Makes the calls of one run; what was recorded is in `known`. */
function read(service: (call: FeedCall) => WindowPage, known: Set<number>, maxCalls = 10_000) {
  let { state, next } = beginReading([toPending({ updatedFrom: 0n })], maxCalls, 1_000_000);
  while (next.kind === 'call') {
    let answer: FeedAnswer;
    try {
      const page = service(next.call);
      const fresh = page.versions.filter(({ incidentId }) => !known.has(incidentId));
      for (const { incidentId } of fresh) known.add(incidentId);
      answer = { page, hasNew: fresh.length > 0 };
    } catch (error) {
      answer = { error };
    }
    ({ state, next } = step(state, answer, 1_000_000));
  }
  return { state, cause: next.cause };
}

const version = (incidentId: number, updatedAt: Ticks, createdAt = updatedAt): IncidentVersion => ({
  incidentId,
  updatedAt,
  createdAt,
  incident: {},
});

const times = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 40 })), { maxLength: 400 });

describe('the reader of a run', () => {
  it('finds every incident, for any times and page size of the service', () => {
    fc.assert(
      fc.property(times, fc.constantFrom(7, 50, 100), fc.boolean(), (all, maxPage, isLinked) => {
        const versions = all.map(([updated, created], index) =>
          version(index, BigInt(updated) * ticksPerMs + 3n, BigInt(created) * ticksPerMs),
        );
        const known = new Set<number>();
        const { state, cause } = read(createService(versions, { maxPage, isLinked }), known);
        assert.equal(cause, undefined);
        assert.deepEqual(state.pendingWindows, []);
        assert.equal(known.size, versions.length);
      }),
      { numRuns: 200, seed: 20_261_128 },
    );
  });

  it('finds every incident but those that fail, and keeps their windows', () => {
    fc.assert(
      fc.property(times, fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }), (all, bad) => {
        const versions = all.map(([updated], index) => version(index, BigInt(updated) * ticksPerMs));
        const poison = new Set(bad.filter((id) => id < versions.length));
        const known = new Set<number>();
        const { state, cause } = read(createService(versions, { poison }), known);
        assert.equal(cause, undefined);
        assert.equal(known.size, versions.length - poison.size);
        for (const id of poison) {
          const at = versions[id]?.updatedAt ?? -1n;
          const isKept = state.pendingWindows.some(
            ({ window, failures }) =>
              failures === 1 && window.updatedFrom <= at && at < (window.updatedBefore ?? at + 1n),
          );
          assert.ok(isKept, `The window of ${id} is not kept`);
        }
      }),
      { numRuns: 100, seed: 20_261_128 },
    );
  });

  it(`makes two calls for two incidents when ${linked}`, () => {
    const known = new Set<number>();
    const { state } = read(createService([version(1, 5n), version(2, 6n)], { isLinked: true }), known);
    assert.deepEqual([state.calls, known.size, state.pendingWindows.length], [2, 2, 0]);
  });

  it('makes no more calls than it may, and keeps what is left', () => {
    const versions = Array.from({ length: 1_000 }, (_, index) => version(index, BigInt(index) * ticksPerMs));
    const { state } = read(createService(versions), new Set(), 3);
    assert.equal(state.calls, 3);
    assert.ok(state.pendingWindows.length > 0);
  });

  it('ends with the failure of a service that is down', () => {
    const { state, cause } = read(() => {
      throw refused;
    }, new Set());
    assert.equal(cause, refused);
    assert.deepEqual([state.calls, state.quarantined, state.pendingWindows.length], [2, [], 1]);
  });

  it('quarantines a window with an incident that cannot be versioned', () => {
    const page: WindowPage = { versions: [version(1, 5n)], unversioned: ['2'], count: 2, end: 'reached' };
    const { state } = read(() => page, new Set());
    assert.equal(state.calls, 1);
    assert.deepEqual(
      state.pendingWindows.map(({ failures }) => failures),
      [1],
    );
  });
});
