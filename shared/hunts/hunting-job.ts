import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import type { HuntingQuery } from '../defender/hunting.ts';
import type { HuntingColumn } from '../defender/hunting-result.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import type { Queue } from '../storage/queues.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { StoredEntity, Table } from '../storage/tables.ts';
import type { Principal } from '../tokens/principal.ts';
import {
  failureSchema,
  ownerOf,
  packColumns,
  readColumns,
  readQuery,
  rowSchema,
  writeQuery,
} from './hunting-job-row.ts';
import { openRows, storeRows } from './hunting-store.ts';

/** What a hunt ended with that did not succeed, as a caller may know it. */
export interface JobFailure {
  status: number;
  code: string;
  detail: string;
  nextStep?: string | undefined;
  upstream?: unknown;
}

/** A hunting result that is kept, with each row as its JSON. */
interface StoredHunt {
  schema: HuntingColumn[];
  rows: AsyncIterable<string>;
}

/** How a hunt goes that was accepted. */
type JobOutcome = { kind: 'running' } | { kind: 'failed'; failure: JobFailure } | { kind: 'done'; result: StoredHunt };

/** Hunts that go on when the call is answered that started them. Fails as the storage does. */
export interface HuntingJobs {
  /**
   * Accepts a hunt; whoever asked may ask for its outcome, and nobody else.
   * @throws {RequestError} 413 for a query that cannot be kept.
   */
  accept(principal: Principal, query: HuntingQuery): Promise<string>;
  /** Runs a hunt that was accepted for the application, unless somebody is at it. A message says that it is to be run. */
  run(operationId: string, openDefender: (tenantId: string) => Defender, toFailure: ToFailure): Promise<void>;
  /** Runs a hunt of a user, whose token nobody else has: here and now, or never. Never rejects. */
  runAs(operationId: string, defender: Defender, toFailure: ToFailure): Promise<void>;
  /** Undefined for a hunt that there is not, or not any more, or that is somebody else's. */
  find(operationId: string, principal: Principal): Promise<JobOutcome | undefined>;
  removeOld(): Promise<void>;
}

export type ToFailure = (error: unknown) => JobFailure;

const partitionKey = 'job';
const keptForMs = 24 * 60 * 60_000;
/** No hunt takes this long: whoever has claimed it is dead. */
const claimedForMs = 5 * 60_000;
const maxTries = 3;
/** In which all tries are over, were their messages lost in between or not. */
const givenUpAfterMs = 60 * 60_000;

export function createHuntingJobs(table: Table, blobs: BlobContainer, queue: Queue, clock: Clock): HuntingJobs {
  const instant = (inMs = 0) => new Date(clock.now() + inMs).toISOString();
  const ageOf = ({ startedAt }: { startedAt: string }) => clock.now() - Date.parse(startedAt);

  async function read(operationId: string) {
    const row = await table.get(partitionKey, operationId);
    const { data } = rowSchema.safeParse(row);
    return row === undefined || data === undefined ? undefined : { row, job: data };
  }

  /** Undefined when there is nothing to do, or not yet: a message comes then when whoever is at it should have ended. */
  async function claim(operationId: string): Promise<StoredEntity | undefined> {
    const found = await read(operationId);
    if (found === undefined || found.job.state !== 'waiting') return undefined;
    const { claimedUntil, tries } = found.job;
    const leftMs = claimedUntil === undefined ? 0 : Date.parse(claimedUntil) - clock.now();
    if (leftMs > 0) {
      await queue.send({ operationId }, leftMs);
      return undefined;
    }
    if (Number(tries) >= maxTries) {
      await end(found.row, { state: 'failed', failure: JSON.stringify(interrupted) });
      return undefined;
    }
    const { etag, ...entity } = found.row;
    const claimed = { ...entity, claimedUntil: instant(claimedForMs), tries: String(Number(tries) + 1) };
    if (await table.replace(claimed, etag)) return await table.get(partitionKey, operationId);
    await queue.send({ operationId }, claimedForMs);
    return undefined;
  }

  /** The query is of no more use then. */
  async function end({ etag, ...row }: StoredEntity, members: Record<string, string>): Promise<void> {
    const entity = Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('text')));
    await table.replace({ ...entity, partitionKey, rowKey: row.rowKey, ...members }, etag);
  }

  async function runClaimed(row: StoredEntity, defender: Defender, toFailure: ToFailure): Promise<void> {
    let members: Record<string, string>;
    try {
      let columns: HuntingColumn[] = [];
      await defender.hunting.runInto(readQuery(row), async (parts) => {
        columns = await storeRows(blobs, row.rowKey, parts);
      });
      members = { state: 'done', ...packColumns(columns) };
    } catch (error) {
      // It is run again: what it found is gone.
      if (isStorageFailure(error)) throw error;
      members = { state: 'failed', failure: JSON.stringify(toFailure(error)) };
    }
    await end(row, members);
  }

  return {
    async accept(principal, query) {
      const operationId = randomBytes(16).toString('hex');
      const isUsers = principal.kind === 'user';
      await table.insert({
        partitionKey,
        rowKey: operationId,
        owner: ownerOf(principal),
        tenantId: principal.tenantId,
        isUsers,
        state: 'waiting',
        startedAt: instant(),
        tries: '0',
        ...writeQuery(query),
      });
      // Of a user's only the end is seen to, should this instance not live to see it.
      await queue.send({ operationId }, isUsers ? claimedForMs : 0);
      return operationId;
    },
    async run(operationId, openDefender, toFailure) {
      const row = await claim(operationId);
      if (row === undefined) return;
      if (row.isUsers === true) return await end(row, { state: 'failed', failure: JSON.stringify(interrupted) });
      await runClaimed(row, openDefender(String(row.tenantId)), toFailure);
    },
    async runAs(operationId, defender, toFailure) {
      try {
        const row = await claim(operationId);
        if (row !== undefined) await runClaimed(row, defender, toFailure);
      } catch {
        // The storage is down: the message that is under way ends the hunt.
      }
    },
    async find(operationId, principal) {
      const found = await read(operationId);
      if (found === undefined || found.job.owner !== ownerOf(principal) || ageOf(found.job) >= keptForMs)
        return undefined;
      const { state, failure } = found.job;
      if (state === 'failed') return { kind: 'failed', failure: failureSchema.parse(JSON.parse(failure ?? '{}')) };
      if (state === 'waiting')
        return ageOf(found.job) < givenUpAfterMs ? { kind: 'running' } : { kind: 'failed', failure: interrupted };
      const schema = readColumns(found.row);
      const rows = await openRows(blobs, operationId, schema);
      return rows && { kind: 'done', result: { schema, rows } };
    },
    async removeOld() {
      for (const row of await table.list(partitionKey)) {
        const { data } = rowSchema.safeParse(row);
        if (data === undefined || ageOf(data) >= keptForMs) await table.delete(partitionKey, row.rowKey);
      }
      await blobs.deleteOlder(clock.now() - keptForMs);
    },
  };
}

const interrupted: JobFailure = {
  status: 504,
  code: 'UpstreamTimeout',
  detail: 'The hunt was interrupted, more often than it is begun anew.',
  nextStep: "Start it again. A user's hunt ends when the instance of the app ends that accepted it.",
};
