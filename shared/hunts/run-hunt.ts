import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { parseExactly } from '../defender/exact-json.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import type { Queue } from '../storage/queues.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { StoredEntity, Table } from '../storage/tables.ts';
import type { PublishEvents } from '../webhooks/event.ts';
import { runsOf, type SavedHunt, type SavedHunts } from './saved-hunts.ts';
import { createSeenValues } from './seen-values.ts';

/** One run of a saved hunt in one tenant; `dueAt` (ISO 8601) tells it from the others. */
export interface HuntMessage {
  huntId: string;
  tenantId: string;
  dueAt: string;
  /** How often Defender had no time for it. */
  throttled?: number | undefined;
}

interface RunParts {
  hunts: Pick<SavedHunts, 'get'>;
  table: Table;
  blobs: BlobContainer;
  queue: Queue;
  clock: Clock;
  publishEvents: PublishEvents;
  openDefender(tenantId: string): Defender;
}

const claimedForMs = 5 * 60_000;
const maxThrottled = 20;
const throttledPauseMs = 60_000;

const runSchema = z.object({ dueAt: z.string(), claimedUntil: z.optional(z.iso.datetime()) });

/** Runs a hunt and hands on what it finds, once for each message, however often that comes. */
export async function runHunt(parts: RunParts, message: HuntMessage): Promise<void> {
  const hunt = await parts.hunts.get(message.huntId);
  if (hunt === undefined) return;
  const claimed = await claim(parts, message);
  if (claimed === undefined) return;
  const at = parts.clock.now();
  try {
    const rows = await findRows(parts, hunt, message, at);
    await end(parts, claimed, message, { at, rows });
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    if (await isPutOff(parts, message, error)) return await release(parts, claimed);
    await end(parts, claimed, message, { at, rows: 0, error: describe(error) });
    if (!(error instanceof RequestError || error instanceof UpstreamError)) throw error;
  }
}

/** Undefined for a run that is over; where somebody is at it, a message comes when that one should have ended. */
async function claim({ table, queue, clock }: RunParts, message: HuntMessage): Promise<StoredEntity | undefined> {
  const { huntId, tenantId, dueAt } = message;
  const keys = { partitionKey: runsOf(huntId), rowKey: tenantId };
  const row = await table.get(keys.partitionKey, keys.rowKey);
  const { data } = runSchema.safeParse(row);
  if (data !== undefined && (data.dueAt > dueAt || (data.dueAt === dueAt && data.claimedUntil === undefined)))
    return undefined;
  const leftMs = data?.claimedUntil === undefined ? 0 : Date.parse(data.claimedUntil) - clock.now();
  if (leftMs > 0) {
    await queue.send(message, leftMs);
    return undefined;
  }
  const { etag, ...former } = row ?? { ...keys, etag: '' };
  const entity = { ...former, ...keys, dueAt, claimedUntil: new Date(clock.now() + claimedForMs).toISOString() };
  const wasApplied = row === undefined ? await table.insert(entity) : await table.replace(entity, etag);
  if (wasApplied) return await table.get(keys.partitionKey, keys.rowKey);
  await queue.send(message, claimedForMs);
  return undefined;
}

async function findRows(
  { openDefender, blobs, clock, publishEvents }: RunParts,
  hunt: SavedHunt,
  { tenantId, dueAt }: HuntMessage,
  at: number,
): Promise<number> {
  const { id: huntId, name, query, timespan, onlyNew } = hunt;
  const { schema, rows } = await openDefender(tenantId).hunting.run({ query, timespan });
  if (onlyNew !== undefined && !schema.some((column) => column.name === onlyNew))
    throw new RequestError(
      400,
      'InvalidRequest',
      `The result has no column ${onlyNew}, by which rows were to be told apart.`,
    );
  const seen = onlyNew === undefined ? undefined : await createSeenValues(blobs, `seen/${huntId}/${tenantId}`, clock);
  const found: string[] = [];
  for (const row of rows) if (onlyNew === undefined || seen?.add(parseExactly(row)[onlyNew])) found.push(row);
  if (found.length > 0) {
    const ranAt = new Date(at).toISOString();
    const head = JSON.stringify({ huntId, name, ranAt, rows: found.length });
    await publishEvents([
      {
        type: 'hunt.results',
        tenantId,
        timestamp: ranAt,
        subject: `hunt/${huntId}`,
        version: dueAt,
        data: `${head.slice(0, -1)},"results":[${found.join(',')}]}`,
      },
    ]);
  }
  // Last: whatever fails before it leads to the same rows once more, under the same webhook-id.
  await seen?.save();
  return found.length;
}

/** A tenant whose quota is used up is asked again later. */
async function isPutOff({ queue }: RunParts, message: HuntMessage, error: unknown): Promise<boolean> {
  if (!(error instanceof RequestError) || error.status !== 429) return false;
  const { throttled = 0 } = message;
  if (throttled >= maxThrottled) return false;
  const seconds = Number(error.headers['retry-after'] ?? 0);
  await queue.send({ ...message, throttled: throttled + 1 }, Math.max(seconds * 1000, throttledPauseMs));
  return true;
}

async function release({ table }: RunParts, { etag, ...row }: StoredEntity): Promise<void> {
  // As if it had been claimed by somebody who is dead: the message that comes later takes it over.
  await table.replace({ ...row, claimedUntil: new Date(0).toISOString() }, etag);
}

async function end(
  { table }: RunParts,
  { etag }: StoredEntity,
  { huntId, tenantId, dueAt }: HuntMessage,
  { at, rows, error }: { at: number; rows: number; error?: string },
): Promise<void> {
  const entity = {
    partitionKey: runsOf(huntId),
    rowKey: tenantId,
    dueAt,
    at: new Date(at).toISOString(),
    rows: String(rows),
    error,
  };
  await table.replace(entity, etag);
}

const maxDetail = 500;

function describe(error: unknown): string {
  if (error instanceof RequestError) return `${error.code}: ${error.message}`.slice(0, maxDetail);
  if (!(error instanceof UpstreamError)) return 'InternalError';
  const { service, status, code = error.failure } = error.upstream;
  return `${[service, status, code].filter((part) => part !== undefined).join(' ')}: ${error.message}`.slice(
    0,
    maxDetail,
  );
}
