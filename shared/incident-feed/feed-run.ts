import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import type { Ticks } from '../defender/ticks.ts';
import type { Lease } from '../storage/lease.ts';
import { addCalls, callsLeft } from './call-budget.ts';
import type { FeedState } from './feed-state.ts';
import { beginReading, type FeedAnswer, type FeedCall, type Step, step } from './feed-step.ts';
import type { IncidentLog } from './incident-log.ts';
import { closePendingWindows, type PendingWindow } from './pending-window.ts';

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

/** Versions of one run, and the windows that it quarantined. */
interface RunTotals {
  published: number;
  baseline: number;
  suppressed: number;
  quarantined: number;
}

/** Makes the calls that the step function asks for, records their versions and saves the progress. */
export interface FeedRun {
  readonly totals: RunTotals;
  /** The progress so far, as it is to be saved. */
  toState(state: FeedState): FeedState;
  /** @throws {RequestError | UpstreamError} the failure of a call that the window did not cause. */
  readAll(): Promise<void>;
}

const saveEveryCalls = 5;
/** More than the longest call takes. */
const safetyMs = 45_000;

export function createFeedRun(parts: RunParts): FeedRun {
  const { clock, openDefender, incidentLog, lease, begun, onQuarantine } = parts;
  const maxCalls = callsLeft(begun.calls, clock.now());
  const totals = { published: 0, baseline: 0, suppressed: 0 };
  let newestAt: Ticks | undefined = lease.state.newestAt;
  let { state, next }: Step = beginReading(begun.pendingWindows, maxCalls, clock.now());

  async function answer({ window, top, skip, isBaseline }: FeedCall): Promise<FeedAnswer> {
    let page: Awaited<ReturnType<Defender['incidents']['readWindow']>>;
    try {
      page = await openDefender().incidents.readWindow(window, { top, skip });
    } catch (error) {
      return { error };
    }
    const recorded = await incidentLog.recordVersions(page.versions, isBaseline);
    totals.published += recorded.published;
    totals.baseline += recorded.baseline;
    totals.suppressed += recorded.suppressed;
    if (recorded.newestAt !== undefined && (newestAt === undefined || recorded.newestAt > newestAt))
      newestAt = recorded.newestAt;
    return { page, hasNew: recorded.published + recorded.baseline > 0 };
  }

  const toState = (before: FeedState, calls: number): FeedState => ({
    ...before,
    pendingWindows: closePendingWindows(state.pendingWindows, state.startedAt),
    calls: addCalls(begun.calls, clock.now(), calls),
    newestAt,
    publishedSequence: incidentLog.publishedSequence,
  });

  async function saveNowAndThen(): Promise<void> {
    if (state.calls % saveEveryCalls === 0 || lease.expiresAt - clock.now() < safetyMs)
      await lease.commit([], (before) => toState(before, maxCalls));
  }

  return {
    get totals() {
      return { ...totals, quarantined: state.quarantined.length };
    },
    toState: (before) => toState(before, state.calls),
    async readAll() {
      while (next.kind === 'call') {
        const { call } = next;
        const before = state.quarantined.length;
        const answered = await answer(call);
        ({ state, next } = step(state, answered, clock.now()));
        const unversioned = 'page' in answered ? answered.page.unversioned : [];
        for (const pending of state.quarantined.slice(before)) onQuarantine(pending, unversioned);
        await saveNowAndThen();
      }
      if (next.cause !== undefined) throw next.cause;
    },
  };
}
