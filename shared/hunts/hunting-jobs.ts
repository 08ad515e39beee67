import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import type { HuntingQuery } from '../defender/hunting.ts';
import type { HuntingColumn } from '../defender/hunting-result.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { acquireLease, type Lease, LeaseLostError } from '../storage/lease.ts';
import type { Queue } from '../storage/queues.ts';
import { renewWhile } from '../storage/renew-while.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { Table } from '../storage/tables.ts';
import { createTimeOrderedId, toIdPrefix } from '../storage/time-ordered-id.ts';
import type { Principal } from '../tokens/principal.ts';
import { type HuntingJob, type JobFailure, type JobOutcome, readJob, toPrincipalId, writeJob } from './hunting-job.ts';
import { openParts, storeRows } from './hunting-rows-blob.ts';
import type { RequireTenant } from './tenant-check.ts';

export type ToFailure = (error: unknown) => JobFailure;

/** Asynchronous hunting queries. Every method but `runAsUser` throws the storage's `UpstreamError`. */
export interface HuntingJobs {
  /** Stores a job of a caller, and sends the messages that start it and check on it. Returns the id by which the caller asks for the outcome. */
  accept(principal: Principal, ownerId: string, query: HuntingQuery): Promise<string>;
  /** Runs a job of the application, unless it is over or another instance runs it. */
  run(operationId: string, openDefender: (tenantId: string) => Defender, toFailure: ToFailure): Promise<void>;
  /** Runs a job of a user on the only instance that has the user's token. Never rejects. */
  runAsUser(operationId: string, defender: Defender, toFailure: ToFailure): Promise<void>;
  /** Undefined for a job that is unknown, expired, another principal's, or of an owner whom the caller cannot see. */
  find(
    operationId: string,
    principal: Principal,
    canSee: (createdBy: string) => boolean,
  ): Promise<JobOutcome | undefined>;
  /** Removes expired jobs and results until the deadline (epoch milliseconds). */
  removeOld(deadlineAt: number): Promise<void>;
}

interface JobParts {
  table: Table;
  blobs: BlobContainer;
  queue: Queue;
  clock: Clock;
  requireTenant: RequireTenant;
}

/** Undefined if this instance cannot run the job. */
type Open = (job: HuntingJob) => Promise<Defender | undefined>;

const partitionKey = 'job';
const keptForMs = 24 * 60 * 60_000;
const leaseMs = 30_000;
const renewEveryMs = 10_000;
const checkAfterMs = 60_000;
/** A takeover ends a user's job for good: the lease outlasts clocks of instances that differ by two minutes. */
const userLeaseMs = leaseMs + 2 * 60_000;
const maxAttempts = 3;
/** Every attempt is over after this time, even if messages were lost. */
const abandonedAfterMs = 60 * 60_000;
const removalPageSize = 100;

export function createHuntingJobs({ table, blobs, queue, clock, requireTenant }: JobParts): HuntingJobs {
  /** Undefined if there is nothing to run. If another instance runs the job, a message checks on it when the lease ends. */
  async function acquire(operationId: string, durationMs: number): Promise<Lease<HuntingJob | undefined> | undefined> {
    const attempt = await acquireLease({
      ...{ table, clock, partitionKey, rowKey: operationId, durationMs },
      readState: readJob,
      writeState: writeJob,
      begin: (job) => (job?.state.kind === 'waiting' ? { ...job, attempts: job.attempts + 1 } : undefined),
    });
    if (attempt.kind === 'taken') await queue.send({ operationId }, attempt.expiresAt - clock.now());
    return attempt.kind === 'acquired' ? attempt.lease : undefined;
  }

  async function runLeased(operationId: string, durationMs: number, open: Open, toFailure: ToFailure): Promise<void> {
    const lease = await acquire(operationId, durationMs);
    if (lease?.state === undefined) return;
    const job = lease.state;
    try {
      const state = await renewWhile(lease, clock, renewEveryMs, () => hunt(operationId, job, open, toFailure));
      await lease.release((current) => current && { ...current, state });
    } catch (error) {
      if (error instanceof LeaseLostError) return;
      await lease.abandon().catch(() => {});
      throw error;
    }
  }

  /** @throws {UpstreamError} of `storage`: the job is run again. */
  async function hunt(
    operationId: string,
    job: HuntingJob,
    open: Open,
    toFailure: ToFailure,
  ): Promise<HuntingJob['state']> {
    if (job.attempts > maxAttempts) return { kind: 'failed', failure: interrupted };
    if (job.state.kind !== 'waiting') return job.state;
    const blobName = `${operationId}/${randomUUID()}`;
    try {
      const defender = await open(job);
      if (defender === undefined) return { kind: 'failed', failure: interrupted };
      let columns: HuntingColumn[] = [];
      await defender.hunting.run(job.state.query, async (parts) => {
        columns = await storeRows(blobs, blobName, parts);
      });
      return { kind: 'done', columns, blobName };
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      return { kind: 'failed', failure: toFailure(error) };
    }
  }

  return {
    async accept(principal, createdBy, query) {
      const startedAt = clock.now();
      const operationId = createTimeOrderedId(startedAt);
      const isUsers = principal.kind === 'user';
      const job: HuntingJob = {
        principalId: toPrincipalId(principal),
        createdBy,
        tenantId: principal.tenantId,
        isUsers,
        startedAt,
        attempts: 0,
        state: { kind: 'waiting', query },
      };
      await table.insert({ partitionKey, rowKey: operationId, ...writeJob(job) });
      if (!isUsers) await queue.send({ operationId });
      // Notices that the instance has died, long before the queue shows the first message again.
      await queue.send({ operationId }, isUsers ? userLeaseMs : checkAfterMs);
      return operationId;
    },
    async run(operationId, openDefender, toFailure) {
      const open = async ({ isUsers, tenantId, createdBy }: HuntingJob) => {
        if (isUsers) return undefined;
        await requireTenant(tenantId, createdBy);
        return openDefender(tenantId);
      };
      await runLeased(operationId, leaseMs, open, toFailure);
    },
    async runAsUser(operationId, defender, toFailure) {
      // If the storage fails, the message ends the job.
      await runLeased(operationId, userLeaseMs, async () => defender, toFailure).catch(() => {});
    },
    async find(operationId, principal, canSee) {
      const job = readJob(await table.get(partitionKey, operationId));
      if (job === undefined || job.principalId !== toPrincipalId(principal) || !canSee(job.createdBy)) return undefined;
      const ageMs = clock.now() - job.startedAt;
      if (ageMs >= keptForMs) return undefined;
      const { state } = job;
      if (state.kind === 'failed') return state;
      if (state.kind === 'waiting')
        return ageMs < abandonedAfterMs ? { kind: 'running' } : { kind: 'failed', failure: interrupted };
      const parts = await openParts(blobs, state.blobName, state.columns);
      return parts && { kind: 'done', result: { read: (consume) => consume(parts) } };
    },
    async removeOld(deadlineAt) {
      const beforeAt = clock.now() - keptForMs;
      for (;;) {
        const page = await table.list(partitionKey, { before: toIdPrefix(beforeAt), top: removalPageSize });
        for (const { rowKey } of page) await table.delete(partitionKey, rowKey);
        if (page.length < removalPageSize || clock.now() >= deadlineAt) break;
      }
      await blobs.deleteOlder(beforeAt, deadlineAt);
    },
  };
}

const interrupted: JobFailure = {
  status: 504,
  code: 'UpstreamTimeout',
  detail: 'The hunting query was interrupted and not resumed.',
  nextStep: 'Run the query again. A query of a user ends with the app instance that accepted it.',
};
