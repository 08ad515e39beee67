import * as z from 'zod/mini';
import { formatTicks, parseTicks, type Ticks } from '../defender/ticks.ts';
import { parsedString } from '../schema.ts';
import { parseStored } from '../storage/stored-json.ts';
import type { TableEntity } from '../storage/tables.ts';
import type { CallCount } from './call-budget.ts';
import type { PendingWindow } from './pending-window.ts';

/** The checkpoint of the feed of a tenant. Instants are epoch milliseconds unless they are ticks. */
export interface FeedState {
  /** Every version visible before is recorded, except in the pending windows. `undefined` before the first run. */
  highWatermark: number | undefined;
  pendingWindows: readonly PendingWindow[];
  calls: readonly CallCount[];
  /** Defender must not be called before this time. */
  notBefore: number;
  /** When the last run began that left nothing unread but quarantined windows. */
  caughtUpAt: number | undefined;
  /** Sequence number of the last version in the log. */
  lastSequence: number;
  /** The versions in the log up to this one are published. */
  publishedSequence: number;
}

export const emptyState: FeedState = {
  highWatermark: undefined,
  pendingWindows: [],
  calls: [],
  notBefore: 0,
  caughtUpAt: undefined,
  lastSequence: 0,
  publishedSequence: 0,
};

const ticks = parsedString<Ticks>(parseTicks, 'must be an instant');

const pendingWindowSchema = z.object({
  window: z.object({
    updatedFrom: ticks,
    updatedBefore: z.optional(ticks),
    createdFrom: z.optional(ticks),
    createdBefore: z.optional(ticks),
  }),
  isBaseline: z.boolean(),
  failures: z.int(),
  retryAt: z.number(),
  skip: z.int(),
  hasFound: z.boolean(),
  hasUnversioned: z.boolean(),
});

const stateSchema = z.object({
  highWatermark: z.optional(z.number()),
  pendingWindows: z.array(pendingWindowSchema),
  calls: z.array(z.object({ at: z.number(), calls: z.int() })),
  notBefore: z.number(),
  caughtUpAt: z.optional(z.number()),
  lastSequence: z.int(),
  publishedSequence: z.int(),
});

const write = (_name: string, value: unknown) => (typeof value === 'bigint' ? formatTicks(value) : value);

/** As members of a row, each within the service's limit. */
export const toMembers = (state: FeedState): Record<string, string> =>
  Object.fromEntries(
    (JSON.stringify(state, write).match(/.{1,30000}/gs) ?? []).map((part, index) => [`state${index}`, part]),
  );

/** Undefined for a row that cannot be read. */
export function parseState(row: TableEntity): FeedState | undefined {
  const parts = Array.from({ length: Object.keys(row).length }, (_, index) => row[`state${index}`]);
  const state = parseStored(stateSchema, parts.filter((part) => typeof part === 'string').join(''));
  return state && { ...emptyState, ...state };
}
