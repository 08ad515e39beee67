import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { readBlobText } from '../storage/blob-text.ts';
import type { BlobContainer } from '../storage/blobs.ts';

/** The values that a hunt has found in a column, by digest: for as long as Defender looks back. */
export interface SeenValues {
  /** Whether it was not seen before. */
  add(value: unknown): boolean;
  save(): Promise<void>;
}

const dayMs = 24 * 60 * 60_000;
const keptDays = 31;
const maxValues = 300_000;
const contentSchema = z.record(z.string(), z.int());

export async function createSeenValues(blobs: BlobContainer, name: string, clock: Clock): Promise<SeenValues> {
  const today = Math.floor(clock.now() / dayMs);
  const isKept = ([, day]: [string, number]) => day > today - keptDays;
  const lastSeen = new Map(Object.entries(await read(blobs, name)).filter(isKept));
  return {
    add(value) {
      const digest = createHash('sha256')
        .update(JSON.stringify(value) ?? '')
        .digest('base64url')
        .slice(0, 16);
      const isNew = !lastSeen.has(digest);
      // Again at the end: the first to go are those that were not seen for longest.
      lastSeen.delete(digest);
      lastSeen.set(digest, today);
      return isNew;
    },
    async save() {
      const kept = [...lastSeen].slice(-maxValues);
      await blobs.write(name, JSON.stringify(Object.fromEntries(kept)));
    },
  };
}

async function read(blobs: BlobContainer, name: string): Promise<Record<string, number>> {
  const text = await readBlobText(blobs, name);
  return text === undefined ? {} : contentSchema.parse(JSON.parse(text));
}
