import type { IncidentVersion, IncidentWindow, WindowPage } from '../defender/incident-window.ts';
import { type Ticks, ticksPerMs, toTicks } from '../defender/ticks.ts';
import { isAtLeast } from '../webhooks/subscription.ts';
import { splitWindow, toWholeMs } from './feed-window.ts';
import { type Bucket, digestVersions, isBefore, type PollState, type Position, toSeen } from './poll-state.ts';

/** What a polling trigger is for. */
export interface PollRequest {
  events: readonly ('incident.created' | 'incident.updated')[];
  minimumSeverity?: string | undefined;
  status?: readonly string[] | undefined;
}

interface PollParts {
  readWindow(window: IncidentWindow, skip: number): Promise<WindowPage>;
  now: () => number;
  overlapMs: number;
}

export interface Poll {
  /** What is new, the oldest first, each as JSON. */
  incidents: string[];
  state: PollState;
  /** Whether there is more already. */
  hasMore: boolean;
}

const maxIncidents = 1_000;
/** Of text together. A Logic App takes 100 MB, and a character may be three bytes. */
const maxCharacters = 30_000_000;
/** The service allows 50 calls a minute. */
const maxCalls = 40;

/**
 * Begins a trigger: what can be seen now is not new. Only where that is more than one answer holds, the second in which it began decides.
 */
export async function beginPolling(
  { readWindow, now, overlapMs }: PollParts,
  request: PollRequest,
): Promise<PollState> {
  const at = toTicks(now());
  const since = toTicks(now() - overlapMs);
  const page = await readWindow({ updatedFrom: since }, 0);
  const startedAt = page.isComplete ? since : at - (at % (1_000n * ticksPerMs));
  const versions = page.isComplete ? toRelevant(page.versions, request) : [];
  const highWatermark = page.isComplete ? behind(versions, at) : { at: startedAt, incidentId: 0 };
  return { startedAt, createdSince: startedAt, highWatermark, seen: toSeen(versions, startedAt) };
}

/** Looks for what is new since `state`; nothing is lost, and where `state` cannot tell an incident is repeated. */
export async function pollIncidents(parts: PollParts, request: PollRequest, state: PollState): Promise<Poll> {
  const overlap = toTicks(parts.overlapMs);
  const isFresh = ({ incidentId, updatedAt }: IncidentVersion) =>
    !isBefore({ incidentId, at: updatedAt }, state.highWatermark);
  const from = findSince(state.startedAt, state.highWatermark, overlap);
  let read = await readFrom(parts, from, isFresh);
  // So much has happened in the overlap that looking through it again would be all that we ever do.
  if (!read.isComplete && read.highWatermark.at <= state.highWatermark.at)
    read = await readFrom(parts, toWholeMs(state.highWatermark.at), isFresh);
  const { versions, highWatermark, isComplete } = read;
  const relevant = toRelevant(versions, request);
  const fresh = relevant.filter(findNew(state, relevant)).filter(findWanted(state, request));
  const given = cut(fresh);
  const isAll = isComplete && given.length === fresh.length;
  const last = given.at(-1);
  const end = given.length === fresh.length || last === undefined ? highWatermark : next(last);
  const since = findSince(state.startedAt, end, overlap);
  const kept = relevant.filter((version) => version.at >= since && isBefore(version, end));
  return {
    incidents: given.map(({ text }) => text),
    state: {
      startedAt: state.startedAt,
      // What was created while others wait to be given out may only come up with its last update.
      createdSince: isAll ? since : state.createdSince,
      highWatermark: end,
      seen: toSeen(kept, state.startedAt),
    },
    hasMore: !isAll,
  };
}

interface Version extends Position {
  createdAt: Ticks;
  text: string;
}

/** Everything from an instant on or, where that is too much, up to where it was read without a gap. */
async function readFrom({ readWindow, now }: PollParts, from: Ticks, isFresh: (version: IncidentVersion) => boolean) {
  const end = toTicks(now());
  const versions = new Map<string, IncidentVersion>();
  const open: { window: IncidentWindow; skip: number }[] = [{ window: { updatedFrom: from }, skip: 0 }];
  let highWatermark = from;
  for (let calls = 0; calls < maxCalls; calls++) {
    const next = open.pop();
    if (next === undefined) break;
    const page = await readWindow(next.window, next.skip);
    const parts = page.isComplete ? undefined : splitWindow(next.window, page.versions, end, 'oldest');
    if (parts !== undefined) {
      // The oldest is read first.
      open.push(...parts.map((window) => ({ window, skip: 0 })));
      continue;
    }
    // One row is read twice: where it is another one, something has left, and moved others up, past us.
    const first = page.versions[0];
    const hasMoved = next.skip > 0 && first !== undefined && !versions.has(keyOf(first));
    for (const version of page.versions) versions.set(keyOf(version), version);
    if (hasMoved) open.push({ window: next.window, skip: 0 });
    else if (!page.isComplete) open.push({ ...next, skip: next.skip + page.versions.length - 1 });
    highWatermark = open.at(-1)?.window.updatedFrom ?? highWatermark;
    const whole = [...versions.values()].filter((version) => version.updatedAt < highWatermark && isFresh(version));
    if (whole.length > maxIncidents) break;
  }
  const isComplete = open.length === 0;
  // The service may compare no finer than milliseconds.
  const read = [...versions.values()].filter(
    ({ updatedAt }) => updatedAt >= from && (isComplete || updatedAt < highWatermark),
  );
  const newest = read.reduce((latestAt, { updatedAt }) => latest(latestAt, updatedAt + 1n), end);
  return { versions: read, isComplete, highWatermark: { at: isComplete ? newest : highWatermark, incidentId: 0 } };
}

/** What passes the filters, the oldest first. */
function toRelevant(versions: readonly IncidentVersion[], { minimumSeverity, status }: PollRequest): Version[] {
  return versions
    .filter(({ incident }) => isAtLeast(String(incident.severity), minimumSeverity))
    .filter(({ incident }) => status === undefined || status.includes(String(incident.status)))
    .map(({ incidentId, updatedAt, createdAt, incident }) => ({
      incidentId,
      at: updatedAt,
      createdAt,
      text: JSON.stringify(incident),
    }))
    .sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

/** Tells which versions were not given out before, for all that can be told. */
function findNew({ highWatermark, seen }: PollState, relevant: readonly Version[]): (version: Version) => boolean {
  if (seen.kind === 'exact') {
    const known = new Set(seen.versions.map(nameOf));
    return (version) => !isBefore(version, highWatermark) || !known.has(nameOf(version));
  }
  const changed = findChanged(seen.buckets, relevant);
  return (version) => !isBefore(version, highWatermark) || changed.has(nameOf(version));
}

/** All that is where something has changed, or has come since; the digests do not tell what. */
function findChanged(buckets: readonly Bucket[], relevant: readonly Version[]): Set<string> {
  const changed = new Set<string>();
  let rest = relevant;
  for (const { end, count, digest } of buckets) {
    const inside = rest.filter((version) => isBefore(version, end));
    rest = rest.filter((version) => !isBefore(version, end));
    const now = digestVersions(inside);
    if (now.count !== count || now.digest !== digest) for (const version of inside) changed.add(nameOf(version));
  }
  for (const version of rest) changed.add(nameOf(version));
  return changed;
}

/** Tells which events a new version is. */
function findWanted({ createdSince, seen }: PollState, { events }: PollRequest): (version: Version) => boolean {
  const wantsCreated = events.includes('incident.created');
  const wantsUpdated = events.includes('incident.updated');
  const known = new Set(seen.kind === 'exact' ? seen.versions.map(({ incidentId }) => incidentId) : []);
  return ({ incidentId, createdAt }) => {
    if (wantsCreated && wantsUpdated) return true;
    const isUpdated = known.has(incidentId) || createdAt < createdSince;
    // Without knowing all that was given out it may be either.
    const isUnclear = !isUpdated && seen.kind === 'buckets';
    return isUnclear || (isUpdated ? wantsUpdated : wantsCreated);
  };
}

function cut(fresh: readonly Version[]): Version[] {
  let characters = 0;
  const end = fresh.findIndex(({ text }, index) => {
    characters += text.length;
    return index === maxIncidents || (index > 0 && characters > maxCharacters);
  });
  return end < 0 ? [...fresh] : fresh.slice(0, end);
}

/** From where on the next poll looks again, for what becomes visible late. */
const findSince = (startedAt: Ticks, { at }: Position, overlap: Ticks): Ticks =>
  toWholeMs(latest(startedAt, at - overlap));

const keyOf = ({ incidentId, updatedAt }: IncidentVersion): string => `${incidentId}@${updatedAt}`;
const nameOf = ({ incidentId, at }: Position): string => `${incidentId}@${at}`;
const next = ({ at, incidentId }: Position): Position => ({ at, incidentId: incidentId + 1 });
const latest = (a: Ticks, b: Ticks): Ticks => (a > b ? a : b);

/** Behind all of them, and behind an instant. */
function behind(versions: readonly Position[], at: Ticks): Position {
  const last = versions.at(-1);
  return last === undefined || last.at < at ? { at, incidentId: 0 } : next(last);
}
