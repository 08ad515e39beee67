import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { RequestError } from '../errors.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import type { StoredEntity, Table, TableEntity } from '../storage/tables.ts';
import { parseNcrontab } from './ncrontab.ts';

/** A query that is run by a schedule. */
interface HuntRequest {
  name: string;
  /** KQL. */
  query: string;
  timespan?: string | undefined;
  /** NCRONTAB, in UTC. */
  schedule: string;
  /** Tenant ids, or `*`. */
  tenantIds: string[];
  /** The column by whose values rows are told apart that were found before. */
  onlyNew?: string | undefined;
}

/** The last run in a tenant. Instants are epoch milliseconds. */
export interface HuntRun {
  tenantId: string;
  at: number;
  rows: number;
  error?: string | undefined;
}

export interface SavedHunt extends HuntRequest {
  id: string;
  createdAt: number;
  nextRunAt: number;
}

/** The hunts that are saved, and how they have been going. Fails as its table does. */
export interface SavedHunts {
  /**
   * Its first run is the next by its schedule.
   * @throws {RequestError} 413 for one that cannot be kept.
   */
  add(request: HuntRequest): Promise<SavedHunt>;
  get(id: string): Promise<SavedHunt | undefined>;
  /** The oldest first. */
  list(): Promise<SavedHunt[]>;
  listRuns(id: string): Promise<HuntRun[]>;
  /** Gone already is fine. */
  remove(id: string): Promise<void>;
  /** Puts a hunt off to its next run by the schedule; runs that were missed meanwhile are made up by the present one. */
  postpone(hunt: SavedHunt): Promise<void>;
}

const partitionKey = 'hunt';
/** The partition of a hunt's runs. */
export const runsOf = (id: string): string => `runs|${id}`;

const contentSchema = z.object({
  name: z.string(),
  query: z.string(),
  timespan: z.optional(z.string()),
  schedule: z.string(),
  tenantIds: z.array(z.string()),
  onlyNew: z.optional(z.string()),
});
const rowSchema = z.object({ rowKey: z.string(), createdAt: z.iso.datetime(), nextRunAt: z.iso.datetime() });
const runSchema = z.object({
  rowKey: z.string(),
  at: z.iso.datetime(),
  rows: z.string(),
  error: z.optional(z.string()),
});

export function createSavedHunts(table: Table, clock: Clock): SavedHunts {
  return {
    async add(request) {
      const now = clock.now();
      const hunt = { ...request, id: randomUUID(), createdAt: now, nextRunAt: nextRun(request.schedule, now) };
      await table.upsert(toRow(hunt));
      return hunt;
    },
    async get(id) {
      const row = await table.get(partitionKey, id);
      return row && parseRow(row);
    },
    async list() {
      const found = (await table.list(partitionKey)).flatMap((row) => parseRow(row) ?? []);
      return found.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },
    async listRuns(id) {
      const rows = await table.list(runsOf(id));
      return rows.flatMap((row) => {
        const { data } = runSchema.safeParse(row);
        return data === undefined
          ? []
          : [{ tenantId: data.rowKey, at: Date.parse(data.at), rows: Number(data.rows), error: data.error }];
      });
    },
    async remove(id) {
      await table.delete(partitionKey, id);
      for (const { rowKey } of await table.list(runsOf(id))) await table.delete(runsOf(id), rowKey);
    },
    async postpone(hunt) {
      const row = await table.get(partitionKey, hunt.id);
      if (row === undefined) return;
      await table.replace(toRow({ ...hunt, nextRunAt: nextRun(hunt.schedule, clock.now()) }), row.etag);
    },
  };
}

/** @throws {RangeError} for a schedule that comes to no run. */
export function nextRun(schedule: string, after: number): number {
  const at = parseNcrontab(schedule).next(after);
  if (at === undefined) throw new RangeError(`"${schedule}" comes to no run`);
  return at;
}

function toRow({ id, createdAt, nextRunAt, ...content }: SavedHunt): TableEntity {
  const members = packMembers(JSON.stringify(content));
  if (members === undefined) throw new RequestError(413, 'RequestTooLarge', 'The hunt is too large to be kept.');
  return {
    partitionKey,
    rowKey: id,
    createdAt: new Date(createdAt).toISOString(),
    nextRunAt: new Date(nextRunAt).toISOString(),
    ...members,
  };
}

function parseRow(row: StoredEntity): SavedHunt | undefined {
  const { data } = rowSchema.safeParse(row);
  const text = unpackMembers(row);
  if (data === undefined || text === undefined) return undefined;
  const content = contentSchema.parse(JSON.parse(text));
  return { ...content, id: data.rowKey, createdAt: Date.parse(data.createdAt), nextRunAt: Date.parse(data.nextRunAt) };
}
