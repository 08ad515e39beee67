import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { acquireLease, type Lease, LeaseLostError } from '../storage/lease.ts';
import type { Queue } from '../storage/queues.ts';
import { renewWhile } from '../storage/renew-while.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { Table } from '../storage/tables.ts';
import type { PublishEvents } from '../webhooks/event.ts';
import { type RunState, readRun, runPartitionOf, writeRun } from './hunt-run.ts';
import { publishNewRows } from './publish-new-rows.ts';
import type { SavedHunt, SavedHunts } from './saved-hunts.ts';
import type { RequireTenant } from './tenant-check.ts';

/** One run of a saved hunt in one tenant; `dueAt` (ISO 8601) identifies it. */
export interface HuntMessage {
  huntId: string;
  tenantId: string;
  dueAt: string;
  /** Attempts that Defender throttled. Default: 0. */
  throttled?: number | undefined;
}

export interface RunParts {
  hunts: Pick<SavedHunts, 'get'>;
  requireTenant: RequireTenant;
  table: Table;
  /** Values that earlier runs have found. */
  blobs: BlobContainer;
  queue: Queue;
  clock: Clock;
  publishEvents: PublishEvents;
  openDefender(tenantId: string): Defender;
}

const leaseMs = 30_000;
const renewEveryMs = 10_000;
const maxThrottled = 20;
const minThrottlePauseMs = 60_000;

/** Runs a saved hunt and publishes its rows, once per message, however often that is delivered. */
export async function runSavedHunt(parts: RunParts, message: HuntMessage): Promise<void> {
  const lease = await acquire(parts, message);
  if (lease === undefined) return;
  try {
    const hunt = await parts.hunts.get(message.huntId);
    if (hunt === undefined) return void (await parts.table.delete(runPartitionOf(message.huntId), message.tenantId));
    await renewWhile(lease, parts.clock, renewEveryMs, () => runLeased(parts, hunt, message, lease));
  } catch (error) {
    if (error instanceof LeaseLostError) return;
    await lease.abandon().catch(() => {});
    throw error;
  }
}

/** Undefined for a run that is over. If another instance runs it, a message checks on it when the lease ends. */
async function acquire({ table, queue, clock }: RunParts, message: HuntMessage): Promise<Lease<RunState> | undefined> {
  const { huntId, tenantId, dueAt } = message;
  const attempt = await acquireLease({
    ...{ table, clock, partitionKey: runPartitionOf(huntId), rowKey: tenantId, durationMs: leaseMs },
    readState: readRun,
    writeState: writeRun,
    begin(state) {
      const { dueAt: last = '' } = state;
      return last > dueAt || (last === dueAt && state.isFinished) ? undefined : { ...state, dueAt, isFinished: false };
    },
  });
  if (attempt.kind === 'taken') await queue.send(message, attempt.expiresAt - clock.now());
  return attempt.kind === 'acquired' ? attempt.lease : undefined;
}

async function runLeased(
  parts: RunParts,
  hunt: SavedHunt,
  message: HuntMessage,
  lease: Lease<RunState>,
): Promise<void> {
  const at = parts.clock.now();
  const end = (rows: number, error?: string) =>
    lease.release((state) => ({ ...state, isFinished: true, last: { at, rows, error } }));
  try {
    await parts.requireTenant(message.tenantId, hunt.createdBy);
    await end(await publishNewRows(parts, hunt, message, at));
  } catch (error) {
    if (isStorageFailure(error) || error instanceof LeaseLostError) throw error;
    if (await isPutOff(parts, message, error)) return await lease.abandon();
    if (error instanceof RequestError || error instanceof UpstreamError)
      return void (await end(0, describeError(error)));
    // A bug: the platform runs the message again, and moves it to the poison queue at last.
    await lease.abandon((state) => ({ ...state, last: { at, rows: 0, error: 'InternalError' } }));
    throw error;
  }
}

/** A tenant whose quota is used up is tried again later. */
async function isPutOff({ queue }: RunParts, message: HuntMessage, error: unknown): Promise<boolean> {
  if (!(error instanceof RequestError) || error.status !== 429) return false;
  const { throttled = 0 } = message;
  if (throttled >= maxThrottled) return false;
  const seconds = Number(error.headers['retry-after'] ?? 0);
  await queue.send({ ...message, throttled: throttled + 1 }, Math.max(seconds * 1000, minThrottlePauseMs));
  return true;
}

const maxErrorCharacters = 500;

/** An error of a run, as the hunt's `lastRuns` shows it. */
function describeError(error: RequestError | UpstreamError): string {
  if (error instanceof RequestError) return `${error.code}: ${error.message}`.slice(0, maxErrorCharacters);
  const { service, status, code = error.failure } = error.upstream;
  const source = [service, status, code].filter((part) => part !== undefined).join(' ');
  return `${source}: ${error.message}`.slice(0, maxErrorCharacters);
}
