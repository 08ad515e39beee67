import { createHash } from 'node:crypto';
import type { Ticks } from '../defender/ticks.ts';
import { createByteReader, createByteWriter } from './bytes.ts';

/** Where a version of an incident stands among all: by its last update, then by its id. */
export interface Position {
  at: Ticks;
  incidentId: number;
}

/** Versions that were given out, or are not to be, between the position before and this one: how many, and a digest of them all. */
export interface Bucket {
  end: Position;
  count: number;
  /** 48 bits. */
  digest: number;
}

/** What was given out near the end of what has been read: each version where there are few, or else digests. */
export type Seen = { kind: 'exact'; versions: Position[] } | { kind: 'buckets'; buckets: Bucket[] };

/** All that a polling trigger remembers. */
export interface PollState {
  /** What was updated before is none of the trigger's. */
  startedAt: Ticks;
  /** What was created before was given out, for what can be told of it. */
  createdSince: Ticks;
  /** All before was read; what is from there on is new. */
  highWatermark: Position;
  seen: Seen;
}

const version = 1;
const bindingBytes = 6;
const checksumBytes = 4;
/** With its base64 and the rest of the state under 2 KB. */
const maxSeenBytes = 1_350;
const maxBuckets = 60;

export const isBefore = (a: Position, b: Position): boolean =>
  a.at < b.at || (a.at === b.at && a.incidentId < b.incidentId);

/** Text that a URL takes. `binding` is for whom it is: the tenant and what is asked for. */
export function writePollState(state: PollState, binding: string): string {
  const writer = createByteWriter();
  writer.bytes(Uint8Array.of(version));
  writer.bytes(digestOf(binding, bindingBytes));
  writer.number(state.startedAt);
  writer.number(state.createdSince - state.startedAt);
  writer.number(state.highWatermark.at - state.startedAt);
  writer.number(BigInt(state.highWatermark.incidentId));
  writeSeen(writer, state.seen, state.startedAt);
  const content = writer.take();
  return Buffer.concat([content, digestOf(content, checksumBytes)]).toString('base64url');
}

/** Undefined when it was not written here, or for something else. */
export function parsePollState(text: string, binding: string): PollState | undefined {
  const all = Buffer.from(text, 'base64url');
  const content = all.subarray(0, -checksumBytes);
  const isIntact = all.length > checksumBytes && digestOf(content, checksumBytes).equals(all.subarray(-checksumBytes));
  if (!isIntact || all.toString('base64url') !== text) return undefined;
  const reader = createByteReader(content);
  try {
    if (reader.bytes(1)[0] !== version) return undefined;
    if (!digestOf(binding, bindingBytes).equals(reader.bytes(bindingBytes))) return undefined;
    const startedAt = reader.number();
    const createdSince = startedAt + reader.number();
    const highWatermark = { at: startedAt + reader.number(), incidentId: Number(reader.number()) };
    return { startedAt, createdSince, highWatermark, seen: readSeen(reader, startedAt) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Of versions in the order of their positions; exact as long as that fits. */
export function toSeen(versions: readonly Position[], startedAt: Ticks): Seen {
  const exact: Seen = { kind: 'exact', versions: [...versions] };
  const writer = createByteWriter();
  writeSeen(writer, exact, startedAt);
  if (writer.take().length <= maxSeenBytes) return exact;
  const size = Math.ceil(versions.length / maxBuckets);
  const buckets: Bucket[] = [];
  for (let from = 0; from < versions.length; from += size) {
    const part = versions.slice(from, from + size);
    const last = part.at(-1);
    if (last === undefined) break;
    buckets.push({ end: { at: last.at, incidentId: last.incidentId + 1 }, ...digestVersions(part) });
  }
  return { kind: 'buckets', buckets };
}

/** The same for the same versions, in whichever order. */
export function digestVersions(versions: readonly Position[]): { count: number; digest: number } {
  const names = versions.map(({ at, incidentId }) => `${incidentId}@${at}`).sort();
  return { count: names.length, digest: digestOf(names.join(), 6).readUIntBE(0, 6) };
}

function writeSeen(writer: ReturnType<typeof createByteWriter>, seen: Seen, startedAt: Ticks): void {
  const ends = seen.kind === 'exact' ? seen.versions : seen.buckets.map(({ end }) => end);
  writer.number(seen.kind === 'exact' ? 0n : 1n);
  writer.number(BigInt(ends.length));
  let former: Position = { at: startedAt, incidentId: 0 };
  for (const [index, end] of ends.entries()) {
    writer.number(end.at - former.at);
    writer.signed(BigInt(end.incidentId - former.incidentId));
    former = end;
    if (seen.kind === 'exact') continue;
    const { count, digest } = seen.buckets[index] ?? { count: 0, digest: 0 };
    writer.number(BigInt(count));
    writer.number(BigInt(digest));
  }
}

function readSeen(reader: ReturnType<typeof createByteReader>, startedAt: Ticks): Seen {
  const isExact = reader.number() === 0n;
  const versions: Position[] = [];
  const buckets: Bucket[] = [];
  let former: Position = { at: startedAt, incidentId: 0 };
  for (let left = Number(reader.number()); left > 0; left--) {
    const at = former.at + reader.number();
    const end = { at, incidentId: former.incidentId + Number(reader.signed()) };
    former = end;
    if (isExact) versions.push(end);
    else buckets.push({ end, count: Number(reader.number()), digest: Number(reader.number()) });
  }
  return isExact ? { kind: 'exact', versions } : { kind: 'buckets', buckets };
}

const digestOf = (content: string | Uint8Array, bytes: number): Buffer =>
  createHash('sha256').update(content).digest().subarray(0, bytes);
