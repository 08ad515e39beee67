import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import type { WindowPage } from '../defender/incident-window.ts';
import type { Lease } from '../storage/lease.ts';
import { addCalls, callsLeft } from './call-budget.ts';
import type { FeedState } from './feed-state.ts';
import { beginReading, type FeedAnswer, type FeedCall, type Step, step } from './feed-step.ts';
import type { IncidentLog } from './incident-log.ts';
import { closePendingWindows, isQuarantined, type PendingWindow } from './pending-window.ts';

interface RunParts {
  clock: Clock;
  /** For one call. */
  openDefender(): Defender;
  incidentLog: IncidentLog;
  lease: Lease<FeedState>;
  /** The windows to read and the calls of earlier runs. */
  begun: FeedState;
  onQuarantine(pending: PendingWindow, unversioned: readonly string[]): void;
}

/** Versions of one run, the calls that it made, and the windows that it quarantined. */
interface RunTotals {
  calls: number;
  published: number;
  baseline: number;
  suppressed: number;
  quarantined: number;
}

/** Makes the calls that the step function asks for, records their versions and saves the progress. */
export interface FeedRun {
  readonly totals: RunTotals;
  /** The progress to save. */
  toState(state: FeedState): FeedState;
  /** @throws {RequestError | UpstreamError} the failure of a call that the window did not cause. */
  readAll(): Promise<void>;
}

const saveEveryCalls = 5;

export function createFeedRun(parts: RunParts): FeedRun {
  const { clock, openDefender, incidentLog, lease, begun, onQuarantine } = parts;
  const maxCalls = callsLeft(begun.calls, clock.now());
  const totals = { published: 0, baseline: 0, suppressed: 0 };
  let { state, next }: Step = beginReading(begun.pendingWindows, maxCalls, clock.now());

  async function answer({ window, top, skip, isBaseline }: FeedCall): Promise<FeedAnswer> {
    let page: WindowPage;
    try {
      page = await openDefender().incidents.readWindow(window, { top, skip });
    } catch (error) {
      return { error };
    }
    const { published, baseline, suppressed } = await incidentLog.recordVersions(page.versions, isBaseline);
    totals.published += published;
    totals.baseline += baseline;
    totals.suppressed += suppressed;
    return { page, hasNew: published + baseline > 0 };
  }

  const toState = (before: FeedState, calls: number): FeedState => ({
    ...before,
    pendingWindows: closePendingWindows(state.pendingWindows, state.startedAt),
    calls: addCalls(begun.calls, clock.now(), calls),
    caughtUpAt: state.pendingWindows.every(isQuarantined) ? state.startedAt : before.caughtUpAt,
    publishedSequence: incidentLog.publishedSequence,
  });

  return {
    get totals() {
      return { ...totals, calls: state.calls, quarantined: state.quarantined.length };
    },
    toState: (before) => toState(before, state.calls),
    async readAll() {
      while (next.kind === 'call') {
        const known = state.quarantined.length;
        const answered = await answer(next.call);
        ({ state, next } = step(state, answered, clock.now()));
        const unversioned = 'page' in answered ? answered.page.unversioned : [];
        for (const pending of state.quarantined.slice(known)) onQuarantine(pending, unversioned);
        if (state.calls % saveEveryCalls === 0) await lease.commit([], (before) => toState(before, maxCalls));
      }
      if (next.cause !== undefined) throw next.cause;
    },
  };
}
