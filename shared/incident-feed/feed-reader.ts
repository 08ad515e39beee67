import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { maxWindowPage, type WindowPage } from '../defender/incident-window.ts';
import { formatTicks, ticksPerMs, toTicks } from '../defender/ticks.ts';
import { UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import { addCalls, callsLeft } from './call-budget.ts';
import { isCapped, isPoison } from './feed-failure.ts';
import type { FeedLease } from './feed-lease.ts';
import { closePendingWindows, type FeedState, type PendingWindow } from './feed-state.ts';
import { splitWindow, toWholeMs } from './feed-window.ts';
import type { FeedLedger } from './incident-versions.ts';

/** Reads what the feed of a tenant has left to read, a question at a time, and keeps note of how far it is. */
export interface FeedReader {
  readonly state: FeedState;
  readonly published: number;
  readonly suppressed: number;
  readonly quarantined: number;
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
const maxRunMs = 150_000;
const firstRetryMs = 60_000;
const maxRetryMs = 6 * 60 * 60_000;
/** Of what holds more than one incident. */
const maxWideRetryMs = 5 * 60_000;
/** From then on what fails is set aside as it is: it is hardly for one incident in it. */
const maxQuarantined = 50;

export function createFeedReader(parts: ReaderParts, begun: FeedState): FeedReader {
  const { clock, openDefender, ledger, lease, tenantId, log } = parts;
  const startedAt = clock.now();
  // Whoever has the lease has reserved them all.
  const allowed = callsLeft(lease.state.calls, startedAt);
  let used = 0;
  let savedAt = 0;
  let pendingWindows = begun.pendingWindows;
  let { newestAt } = begun;
  let [published, suppressed, quarantined] = [0, 0, 0];
  let isServiceKnownWell = false;

  const toState = (): FeedState => ({
    ...begun,
    pendingWindows: closePendingWindows(pendingWindows, startedAt),
    newestAt,
    calls: addCalls(lease.state.calls, clock.now(), used),
  });

  async function ask(pending: PendingWindow, range: { top?: number; skip?: number } = {}): Promise<WindowPage> {
    used++;
    return await openDefender().incidents.readWindow(pending.window, { ...range, noRetry: true });
  }

  /** Whether there was anything new. */
  async function take(page: WindowPage, { isBaseline }: PendingWindow): Promise<boolean> {
    // What is updated from now on is new, even in the first run.
    const versions = isBaseline
      ? page.versions.filter(({ updatedAt }) => updatedAt < toTicks(startedAt))
      : page.versions;
    const taken = await ledger.take(versions, isBaseline);
    published += taken.published;
    suppressed += taken.suppressed;
    if (taken.newestAt !== undefined && (newestAt === undefined || taken.newestAt > newestAt))
      newestAt = taken.newestAt;
    return taken.published > 0;
  }

  /** Replaces a gap by what is left of it. */
  function leave(pending: PendingWindow, ...rest: PendingWindow[]): void {
    pendingWindows = [...pendingWindows.filter((each) => each !== pending), ...rest];
  }

  async function read(pending: PendingWindow): Promise<void> {
    const page = await ask(pending, { skip: pending.skip });
    const hasFound = (await take(page, pending)) || pending.hasFound;
    isServiceKnownWell = true;
    // Read in more than one go, it is read until there is nothing new in it.
    if (page.isComplete && pending.skip > 0 && hasFound)
      return leave(pending, { ...pending, skip: 0, hasFound: false });
    if (page.isComplete) return leave(pending);
    const parts = splitWindow(pending.window, page.versions, toTicks(clock.now()), 'latest');
    // The last is read first: what is new comes before what is old.
    if (parts !== undefined)
      return leave(
        pending,
        ...parts.reverse().map((window) => ({ ...pending, window, failures: 0, retryAt: 0, skip: 0, hasFound: false })),
      );
    leave(pending, { ...pending, skip: pending.skip + maxWindowPage, hasFound });
  }

  /** The service itself may be down, which says nothing of the window. */
  async function requireService(pending: PendingWindow, cause: UpstreamError): Promise<void> {
    if (isServiceKnownWell) return;
    try {
      await ask({ ...pending, window: { updatedFrom: toTicks(clock.now() + maxRetryMs) } }, { top: 1 });
      isServiceKnownWell = true;
    } catch (error) {
      throw error instanceof UpstreamError ? cause : error;
    }
  }

  /** Something in the window makes the service fail: find out what, and read the rest; unless that is so of ever more. */
  async function narrow(pending: PendingWindow, cause: UpstreamError): Promise<void> {
    await requireService(pending, cause);
    const { updatedFrom, updatedBefore = toTicks(clock.now()) + ticksPerMs } = pending.window;
    const middle = toWholeMs((updatedFrom + updatedBefore) / 2n);
    const isNarrow = middle <= updatedFrom;
    const isOneOfMany = pendingWindows.filter(({ failures }) => failures > 0).length >= maxQuarantined;
    if (isNarrow && pending.failures === 0) await readOneByOne(pending);
    if (isNarrow || pending.failures > 0 || isOneOfMany) return quarantine(pending);
    const older = { ...pending, window: { ...pending.window, updatedBefore: middle }, skip: 0 };
    const newer = { ...pending, window: { ...pending.window, updatedFrom: middle }, skip: 0 };
    leave(pending, older, newer);
  }

  /** It is tried again later, and holds up nothing until then. */
  function quarantine(pending: PendingWindow): void {
    const { updatedFrom, updatedBefore = toTicks(clock.now()) } = pending.window;
    const failures = pending.failures + 1;
    const isWide = updatedBefore - updatedFrom > ticksPerMs;
    const maxMs = isWide ? maxWideRetryMs : maxRetryMs;
    const pauseMs = pending.failures === 0 ? 0 : Math.min(firstRetryMs * 2 ** (pending.failures - 1), maxMs);
    const window = { ...pending.window, updatedBefore };
    leave(pending, { ...pending, window, failures, retryAt: clock.now() + pauseMs + 1, skip: 0, hasFound: false });
    quarantined++;
    log.warn(
      `What was updated in tenant ${tenantId} between ${formatTicks(updatedFrom)} and ${formatTicks(updatedBefore)} cannot be read whole (try ${failures}): it is set aside, and tried again later.`,
    );
  }

  /** All that can be read of a window that holds something bad. */
  async function readOneByOne(pending: PendingWindow): Promise<void> {
    for (let skip = 0; used < allowed; skip++) {
      try {
        const page = await ask(pending, { top: 1, skip });
        await take(page, pending);
        if (page.isComplete) return;
      } catch (error) {
        if (!isPoison(error)) throw error;
      }
    }
  }

  /** The latest first, but for what is set aside, which comes last. */
  function findNext(): PendingWindow | undefined {
    const due = pendingWindows.filter(({ retryAt }) => retryAt <= startedAt);
    return due.findLast(({ failures }) => failures === 0) ?? due.at(-1);
  }

  return {
    get state() {
      return toState();
    },
    get published() {
      return published;
    },
    get suppressed() {
      return suppressed;
    },
    get quarantined() {
      return quarantined;
    },
    async readNext() {
      const pending = findNext();
      if (pending === undefined || used >= allowed || clock.now() - startedAt > maxRunMs) return false;
      try {
        await read(pending);
      } catch (error) {
        if (isCapped(error, pending)) quarantine(pending);
        else if (isPoison(error)) await narrow(pending, error);
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
