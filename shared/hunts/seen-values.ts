import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { readBlobText } from '../storage/blob-text.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { parseStored } from '../storage/stored-json.ts';

/** The values that a hunt found in a column within the last 31 days, by digest. */
export interface SeenValues {
  /** Whether the value is new. */
  add(value: unknown): boolean;
  save(): Promise<void>;
}

const dayMs = 24 * 60 * 60_000;
const keptDays = 31;
/** A blob of values is of no use once this old. A value counts as seen for whole days. */
export const seenValuesKeptForMs = (keptDays + 1) * dayMs;
const maxValues = 300_000;
/** Digest to day. */
const contentSchema = z.record(z.string(), z.int());

/** A blob that cannot be read counts as empty: rows are then published once more. */
export async function openSeenValues(blobs: BlobContainer, name: string, clock: Clock): Promise<SeenValues> {
  const today = Math.floor(clock.now() / dayMs);
  const known = parseStored(contentSchema, await readBlobText(blobs, name)) ?? {};
  const lastSeen = new Map(Object.entries(known).filter(([, day]) => day >= today - keptDays));
  return {
    add(value) {
      const digest = createHash('sha256')
        .update(JSON.stringify(value) ?? '')
        .digest('base64url')
        .slice(0, 16);
      const isNew = !lastSeen.has(digest);
      // Moved to the end: beyond the limit the values that were not seen for longest are dropped.
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
