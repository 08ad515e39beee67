import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { largestWindowPage, type WindowPage } from '../defender/incident-window.ts';
import { formatTicks, ticksPerMs, toTicks } from '../defender/ticks.ts';
import { UpstreamError } from '../errors.ts';
import { addCalls, callsLeft } from './call-budget.ts';
import type { Log } from './check-credentials.ts';
import { isCapped, isPoison } from './feed-failure.ts';
import type { FeedLease } from './feed-lease.ts';
import type { FeedLedger } from './feed-ledger.ts';
import { closeGaps, type FeedState, type Gap } from './feed-state.ts';
import { splitWindow, toWholeMs } from './feed-window.ts';

/** Reads what the feed of a tenant has left to read, a question at a time, and keeps note of how far it is. */
export interface FeedReader {
  readonly state: FeedState;
  readonly handedOn: number;
  readonly suppressed: number;
  readonly setAside: number;
  /** False when nothing is left that can be read now. */
  readNext(): Promise<boolean>;
}

interface ReaderParts {
  clock: Clock;
  /** For one question. */
  openDefender(): Defender;
  ledger: FeedLedger;
  lease: FeedLease;
  tenantId: string;
  log: Log;
}

const saveEveryCalls = 5;
/** The longest that a question takes, and more. */
const safetyMs = 45_000;
const longestRunMs = 150_000;
const firstRetryMs = 60_000;
const longestRetryMs = 6 * 60 * 60_000;
/** Of what holds more than one incident. */
const longestWideRetryMs = 5 * 60_000;
/** From then on what fails is set aside as it is: it is hardly for one incident in it. */
const mostSetAside = 50;

export function createFeedReader(parts: ReaderParts, begun: FeedState): FeedReader {
  const { clock, openDefender, ledger, lease, tenantId, log } = parts;
  const startedAt = clock.now();
  // Whoever has the lease has reserved them all.
  const allowed = callsLeft(lease.state.calls, startedAt);
  let used = 0;
  let savedAt = 0;
  let gaps = begun.gaps;
  let { newestAt } = begun;
  let [handedOn, suppressed, setAside] = [0, 0, 0];
  let isServiceKnownWell = false;

  const toState = (): FeedState => ({
    ...begun,
    gaps: closeGaps(gaps, startedAt),
    newestAt,
    calls: addCalls(lease.state.calls, clock.now(), used),
  });

  async function ask(gap: Gap, range: { top?: number; skip?: number } = {}): Promise<WindowPage> {
    used++;
    return await openDefender().incidents.readWindow(gap.window, { ...range, isTriedOnce: true });
  }

  /** Whether there was anything new. */
  async function take(page: WindowPage, { isBaseline }: Gap): Promise<boolean> {
    // What is updated from now on is new, even in the first run.
    const versions = isBaseline
      ? page.versions.filter(({ updatedAt }) => updatedAt < toTicks(startedAt))
      : page.versions;
    const taken = await ledger.take(versions, isBaseline);
    handedOn += taken.handedOn;
    suppressed += taken.suppressed;
    if (taken.newestAt !== undefined && (newestAt === undefined || taken.newestAt > newestAt))
      newestAt = taken.newestAt;
    return taken.handedOn > 0;
  }

  /** Replaces a gap by what is left of it. */
  function leave(gap: Gap, ...rest: Gap[]): void {
    gaps = [...gaps.filter((each) => each !== gap), ...rest];
  }

  async function read(gap: Gap): Promise<void> {
    const page = await ask(gap, { skip: gap.skip });
    const hasFound = (await take(page, gap)) || gap.hasFound;
    isServiceKnownWell = true;
    // Read in more than one go, it is read until there is nothing new in it.
    if (page.isComplete && gap.skip > 0 && hasFound) return leave(gap, { ...gap, skip: 0, hasFound: false });
    if (page.isComplete) return leave(gap);
    const parts = splitWindow(gap.window, page.versions, toTicks(clock.now()), 'latest');
    // The last is read first: what is new comes before what is old.
    if (parts !== undefined)
      return leave(
        gap,
        ...parts.reverse().map((window) => ({ ...gap, window, failures: 0, retryAt: 0, skip: 0, hasFound: false })),
      );
    leave(gap, { ...gap, skip: gap.skip + largestWindowPage, hasFound });
  }

  /** The service itself may be down, which says nothing of the window. */
  async function requireService(gap: Gap, cause: UpstreamError): Promise<void> {
    if (isServiceKnownWell) return;
    try {
      await ask({ ...gap, window: { updatedFrom: toTicks(clock.now() + longestRetryMs) } }, { top: 1 });
      isServiceKnownWell = true;
    } catch (error) {
      throw error instanceof UpstreamError ? cause : error;
    }
  }

  /** Something in the window makes the service fail: find out what, and read the rest; unless that is so of ever more. */
  async function narrow(gap: Gap, cause: UpstreamError): Promise<void> {
    await requireService(gap, cause);
    const { updatedFrom, updatedBefore = toTicks(clock.now()) + ticksPerMs } = gap.window;
    const middle = toWholeMs((updatedFrom + updatedBefore) / 2n);
    const isNarrow = middle <= updatedFrom;
    const isOneOfMany = gaps.filter(({ failures }) => failures > 0).length >= mostSetAside;
    if (isNarrow && gap.failures === 0) await readOneByOne(gap);
    if (isNarrow || gap.failures > 0 || isOneOfMany) return putAside(gap);
    const older = { ...gap, window: { ...gap.window, updatedBefore: middle }, skip: 0 };
    const newer = { ...gap, window: { ...gap.window, updatedFrom: middle }, skip: 0 };
    leave(gap, older, newer);
  }

  /** It is tried again later, and holds up nothing until then. */
  function putAside(gap: Gap): void {
    const { updatedFrom, updatedBefore = toTicks(clock.now()) } = gap.window;
    const failures = gap.failures + 1;
    const isWide = updatedBefore - updatedFrom > ticksPerMs;
    const longestMs = isWide ? longestWideRetryMs : longestRetryMs;
    const pauseMs = gap.failures === 0 ? 0 : Math.min(firstRetryMs * 2 ** (gap.failures - 1), longestMs);
    const window = { ...gap.window, updatedBefore };
    leave(gap, { ...gap, window, failures, retryAt: clock.now() + pauseMs + 1, skip: 0, hasFound: false });
    setAside++;
    log.warn(
      `What was updated in tenant ${tenantId} between ${formatTicks(updatedFrom)} and ${formatTicks(updatedBefore)} cannot be read whole (try ${failures}): it is set aside, and tried again later.`,
    );
  }

  /** All that can be read of a window that holds something bad. */
  async function readOneByOne(gap: Gap): Promise<void> {
    for (let skip = 0; used < allowed; skip++) {
      try {
        const page = await ask(gap, { top: 1, skip });
        await take(page, gap);
        if (page.isComplete) return;
      } catch (error) {
        if (!isPoison(error)) throw error;
      }
    }
  }

  /** The latest first, but for what is set aside, which comes last. */
  function findNext(): Gap | undefined {
    const due = gaps.filter(({ retryAt }) => retryAt <= startedAt);
    return due.findLast(({ failures }) => failures === 0) ?? due.at(-1);
  }

  return {
    get state() {
      return toState();
    },
    get handedOn() {
      return handedOn;
    },
    get suppressed() {
      return suppressed;
    },
    get setAside() {
      return setAside;
    },
    async readNext() {
      const gap = findNext();
      if (gap === undefined || used >= allowed || clock.now() - startedAt > longestRunMs) return false;
      try {
        await read(gap);
      } catch (error) {
        if (isCapped(error, gap)) putAside(gap);
        else if (isPoison(error)) await narrow(gap, error);
        else throw error;
      }
      if (used - savedAt >= saveEveryCalls || lease.leasedUntil - clock.now() < safetyMs) {
        savedAt = used;
        await lease.save({ ...toState(), calls: addCalls(lease.state.calls, clock.now(), allowed) });
      }
      return true;
    },
  };
}
