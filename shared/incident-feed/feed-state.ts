import * as z from 'zod/mini';
import type { IncidentWindow } from '../defender/incident-window.ts';
import { formatTicks, parseTicks, type Ticks, toTicks } from '../defender/ticks.ts';
import type { TableEntity } from '../storage/tables.ts';
import type { CallCount } from './call-budget.ts';

/** A window that is still to be read. */
export interface PendingWindow {
  window: IncidentWindow;
  /** What is seen in it is noted and not handed on: it was there before the feed began. */
  isBaseline: boolean;
  /** How often it could not be read: something in it makes the service fail. */
  failures: number;
  /** Epoch milliseconds before which it is left alone. */
  retryAt: number;
  /** Where to go on in a window that cannot be divided. */
  skip: number;
  /** Whether something new was found on the way there: whatever left meanwhile has moved others up, past us. */
  hasFound: boolean;
}

/** How far the feed of a tenant has come. Instants are epoch milliseconds unless they are ticks. */
export interface FeedState {
  /** All that was updated before and could be seen is handed on, but for the gaps; undefined before the first run. */
  highWatermark: number | undefined;
  pendingWindows: PendingWindow[];
  calls: CallCount[];
  /** Defender wants to be left alone until then. */
  notBefore: number;
  /** Of all that was handed on. */
  newestAt: Ticks | undefined;
}

const ticks = z.pipe(
  z.string(),
  z.transform((text, context): Ticks => {
    const at = parseTicks(text);
    if (at !== undefined) return at;
    context.issues.push({ code: 'custom', message: 'is no instant', input: text });
    return z.NEVER;
  }),
);

const pendingWindowSchema = z.object({
  window: z.object({
    updatedFrom: ticks,
    updatedBefore: z.optional(ticks),
    createdFrom: z.optional(ticks),
    createdBefore: z.optional(ticks),
  }),
  isBaseline: z._default(z.boolean(), false),
  failures: z._default(z.int(), 0),
  retryAt: z._default(z.number(), 0),
  skip: z._default(z.int(), 0),
  hasFound: z._default(z.boolean(), false),
});

const stateSchema = z.object({
  highWatermark: z.optional(z.number()),
  pendingWindows: z.array(pendingWindowSchema),
  calls: z.array(z.object({ at: z.number(), calls: z.int() })),
  notBefore: z._default(z.number(), 0),
  newestAt: z.optional(ticks),
});

/** What is updated from an instant on (epoch milliseconds) is for the next run, which looks at it anew. */
export const closePendingWindows = (pendingWindows: readonly PendingWindow[], at: number): PendingWindow[] =>
  pendingWindows.map((pending) =>
    pending.window.updatedBefore === undefined
      ? { ...pending, window: { ...pending.window, updatedBefore: toTicks(at) } }
      : pending,
  );

/** More than this are put together. In between, those of a window that is being divided are best kept apart. */
const maxPendingWindows = 40;

/** The same windows in fewer gaps, where there are many that touch: of an outage every run leaves one. */
export function mergePendingWindows(pendingWindows: readonly PendingWindow[]): PendingWindow[] {
  const isPlain = ({ window, skip }: PendingWindow) =>
    skip === 0 && window.createdFrom === undefined && window.createdBefore === undefined;
  const kinds = [
    pendingWindows.filter((pending) => pending.failures > 0),
    pendingWindows.filter((pending) => pending.failures === 0),
  ];
  return kinds.flatMap((kind) =>
    kind.length > maxPendingWindows
      ? [...kind.filter((pending) => !isPlain(pending)), ...mergeTouching(kind.filter(isPlain))]
      : kind,
  );
}

/** The latest comes last. */
function mergeTouching(pendingWindows: readonly PendingWindow[]): PendingWindow[] {
  const merged: PendingWindow[] = [];
  for (const pending of [...pendingWindows].sort((a, b) => (a.window.updatedFrom < b.window.updatedFrom ? -1 : 1))) {
    const former = merged.at(-1);
    const end = former?.window.updatedBefore;
    const isTouching = end === undefined || end >= pending.window.updatedFrom;
    if (former === undefined || former.isBaseline !== pending.isBaseline || !isTouching) merged.push(pending);
    else merged.splice(-1, 1, { ...former, ...laterOf(former, pending) });
  }
  return merged;
}

const laterOf = (a: PendingWindow, b: PendingWindow): Pick<PendingWindow, 'window' | 'failures' | 'retryAt'> => ({
  window: {
    updatedFrom: a.window.updatedFrom,
    updatedBefore: laterEnd(a.window.updatedBefore, b.window.updatedBefore),
  },
  failures: Math.max(a.failures, b.failures),
  retryAt: Math.max(a.retryAt, b.retryAt),
});

const laterEnd = (a: Ticks | undefined, b: Ticks | undefined): Ticks | undefined =>
  a === undefined || b === undefined ? undefined : a > b ? a : b;

export const emptyState: FeedState = {
  highWatermark: undefined,
  pendingWindows: [],
  calls: [],
  notBefore: 0,
  newestAt: undefined,
};

const write = (_name: string, value: unknown) => (typeof value === 'bigint' ? formatTicks(value) : value);

/** As members of a row, each within what the service takes. */
export const toMembers = (state: FeedState): Omit<TableEntity, 'partitionKey' | 'rowKey'> =>
  Object.fromEntries(
    (JSON.stringify(state, write).match(/.{1,30000}/gs) ?? []).map((part, index) => [`state${index}`, part]),
  );

/** Undefined when it is none. */
export function parseState(row: TableEntity): FeedState | undefined {
  const parts = Array.from({ length: Object.keys(row).length }, (_, index) => row[`state${index}`]);
  try {
    const { data } = stateSchema.safeParse(JSON.parse(parts.filter((part) => typeof part === 'string').join('')));
    return data && { ...emptyState, ...data };
  } catch {
    return undefined;
  }
}
