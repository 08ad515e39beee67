import type { IncidentWindow, WindowPage } from '../defender/incident-window.ts';
import { toTicks } from '../defender/ticks.ts';
import { UpstreamError } from '../errors.ts';
import { halveWindow, isQuarantined, type PendingWindow, splitWindow } from './pending-window.ts';
import { closeOrQuarantine, maxQuarantined, quarantine, type ReaderState, replace, type Task } from './reader-state.ts';

/** A call to make. */
export interface FeedCall {
  window: IncidentWindow;
  top: number;
  skip: number;
  /** Whether the versions are recorded only, not published. */
  isBaseline: boolean;
}

/** `hasNew`: whether the page held versions that were not recorded before. */
export type FeedAnswer = { page: WindowPage; hasNew: boolean } | { error: unknown };

/** `end`: nothing is left to read, or no calls are; with `cause`, the run failed. */
type Next = { kind: 'call'; call: FeedCall } | { kind: 'end'; cause?: unknown };

export interface Step {
  state: ReaderState;
  next: Next;
}

const pageSize = 100;
const maxRunMs = 150_000;
/** No incident is updated so far in the future. */
const probeAheadMs = 6 * 60 * 60_000;

export function beginReading(pendingWindows: readonly PendingWindow[], maxCalls: number, now: number): Step {
  const common = { startedAt: now, calls: 0, isServiceUp: false, quarantined: [], task: undefined };
  return advance({ ...common, pendingWindows, maxCalls }, now);
}

/** Takes the answer to the last call and decides on the next one. */
export function step(before: ReaderState, answer: FeedAnswer, now: number): Step {
  const { task, ...others } = before;
  const state = { ...others, calls: before.calls + 1, task: undefined };
  if (task === undefined) return advance(state, now);
  if ('error' in answer) return onError(state, task, answer.error, now);
  return advance(onPage({ ...state, isServiceUp: true }, task, answer, now), now);
}

function onPage(state: ReaderState, task: Task, answer: { page: WindowPage; hasNew: boolean }, now: number) {
  const { pending } = task;
  const { page, hasNew } = answer;
  switch (task.kind) {
    case 'read':
      return page.end === 'unclear'
        ? { ...state, task: { kind: 'confirmEnd' as const, pending, page, hasNew } }
        : onWindowPage(state, pending, page, hasNew, now);
    case 'confirmEnd': {
      const end = page.count === 0 ? 'reached' : 'open';
      return onWindowPage(state, pending, { ...task.page, end }, task.hasNew || hasNew, now);
    }
    case 'probe':
      return narrow(state, pending, now);
    case 'readSingly':
      return page.count === 0
        ? quarantine(state, pending, now)
        : { ...state, task: { ...task, skip: task.skip + page.count } };
  }
}

function onWindowPage(state: ReaderState, pending: PendingWindow, page: WindowPage, hasNew: boolean, now: number) {
  const seen = {
    ...pending,
    hasFound: pending.hasFound || hasNew,
    hasUnversioned: pending.hasUnversioned || page.unversioned.length > 0,
  };
  if (page.end === 'reached') return closeOrQuarantine(state, pending, seen, now);
  const parts = splitWindow(pending.window, page.versions, toTicks(now));
  if (parts === undefined) return replace(state, pending, { ...seen, skip: seen.skip + page.count });
  // The last window is read first: new incidents come before old ones.
  return replace(state, pending, ...parts.reverse().map((window) => toPart(pending, window)));
}

const toPart = (pending: PendingWindow, window: IncidentWindow): PendingWindow => ({
  ...pending,
  window,
  failures: 0,
  retryAt: 0,
  skip: 0,
  hasFound: false,
  hasUnversioned: false,
});

function onError(state: ReaderState, task: Task, error: unknown, now: number): Step {
  const { pending } = task;
  const fail = (cause: unknown): Step => ({ state, next: { kind: 'end', cause } });
  if (task.kind === 'probe') return fail(error instanceof UpstreamError ? task.cause : error);
  if (isSkipLimit(error, toCall(task, now).skip)) return advance(quarantine(state, pending, now), now);
  if (!isPoison(error)) return fail(error);
  if (task.kind === 'readSingly') return advance({ ...state, task: { ...task, skip: task.skip + 1 } }, now);
  if (!state.isServiceUp) return advance({ ...state, task: { kind: 'probe', pending, cause: error } }, now);
  return advance(narrow(state, pending, now), now);
}

/** Isolates what makes the service fail, so that the rest can be read; unless so many windows fail that the service must be down. */
function narrow(state: ReaderState, pending: PendingWindow, now: number): ReaderState {
  const halves = halveWindow(pending.window, toTicks(now + 1));
  const isOneOfMany = state.pendingWindows.filter(isQuarantined).length >= maxQuarantined;
  if (isQuarantined(pending) || isOneOfMany) return quarantine(state, pending, now);
  if (halves === undefined) return { ...state, task: { kind: 'readSingly', pending, skip: 0 } };
  return replace(state, pending, ...halves.map((window) => toPart(pending, window)));
}

/** The latest window first; quarantined ones last. */
function findDue({ pendingWindows, startedAt }: ReaderState): PendingWindow | undefined {
  const due = pendingWindows.filter(({ retryAt }) => retryAt <= startedAt);
  return due.findLast((pending) => !isQuarantined(pending)) ?? due.at(-1);
}

function advance(state: ReaderState, now: number): Step {
  if (state.calls >= state.maxCalls || now - state.startedAt > maxRunMs) return stop(state, now);
  const pending = findDue(state);
  const task: Task | undefined = state.task ?? (pending && { kind: 'read', pending });
  if (task === undefined) return { state, next: { kind: 'end' } };
  return { state: { ...state, task }, next: { kind: 'call', call: toCall(task, now) } };
}

/** What one run could not read singly, the next one would not either. */
function stop(state: ReaderState, now: number): Step {
  const { task, ...others } = state;
  const stopped = { ...others, task: undefined };
  const left = task?.kind === 'readSingly' ? quarantine(stopped, task.pending, now) : stopped;
  return { state: left, next: { kind: 'end' } };
}

function toCall(task: Task, now: number): FeedCall {
  const { window, skip, isBaseline } = task.pending;
  switch (task.kind) {
    case 'read':
      return { window, top: pageSize, skip, isBaseline };
    case 'confirmEnd':
      return { window, top: 1, skip: skip + task.page.count, isBaseline };
    case 'probe':
      return { window: { updatedFrom: toTicks(now + probeAheadMs) }, top: 1, skip: 0, isBaseline };
    case 'readSingly':
      return { window, top: 1, skip: task.skip, isBaseline };
  }
}

/** Failures that the content of a window can cause, unlike those of the network or of the token. */
function isPoison(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'defender') return false;
  const { status = 0 } = error.upstream;
  return error.failure === 'malformed' || error.failure === 'timeout' || (error.failure === 'refused' && status >= 500);
}

/** Whether the service refuses to skip so far. */
const isSkipLimit = (error: unknown, skip: number): boolean =>
  skip > 0 && error instanceof UpstreamError && error.upstream.status === 400;
