import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { RequestError } from '../errors.ts';
import { createCountedRows } from '../storage/counted-rows.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import { parseStored } from '../storage/stored-json.ts';
import type { StoredEntity, Table, TableEntity } from '../storage/tables.ts';
import { createTimeOrderedId, toGuid } from '../storage/time-ordered-id.ts';
import { runPartitionOf } from './hunt-run.ts';
import { parseNcrontab } from './ncrontab.ts';

const huntSchema = z.object({
  name: z.string(),
  /** KQL. */
  query: z.string(),
  timespan: z.optional(z.string()),
  /** NCRONTAB, in UTC. */
  schedule: z.string(),
  /** Tenant ids, or `*`. */
  tenantIds: z.array(z.string()),
  /** Only rows with a new value in this column are delivered. */
  onlyNew: z.optional(z.string()),
  /** Its owner. */
  createdBy: z.string(),
  /** Epoch milliseconds. */
  createdAt: z.int(),
  nextRunAt: z.int(),
});

/** A query that runs on a schedule. */
export type SavedHunt = z.output<typeof huntSchema> & { id: string };

type HuntRequest = Omit<SavedHunt, 'id' | 'createdAt' | 'nextRunAt'>;

/** The saved hunts of the app. Every method throws the storage's `UpstreamError`. */
export interface SavedHunts {
  /**
   * Its first run is the next one of its schedule.
   * @param id of an earlier attempt, which may have added the hunt.
   * @throws {RequestError} 409 `LimitReached` if there are 500.
   */
  add(request: HuntRequest, id?: string): Promise<SavedHunt>;
  get(id: string): Promise<SavedHunt | undefined>;
  /** At most `top` of the hunts that the caller can see, oldest first, from the id `from` on. */
  listPage(top: number, from?: string, canSee?: (createdBy: string) => boolean): Promise<HuntPage>;
  /** Every hunt, oldest first, read page by page. */
  listAll(): AsyncIterable<SavedHunt>;
  /** A missing hunt is not an error. */
  remove(id: string): Promise<void>;
  /** Moves a hunt to its next run after now: one run makes up for all that were missed. */
  postpone(hunt: SavedHunt): Promise<void>;
}

interface HuntPage {
  hunts: SavedHunt[];
  /** The id that the next page starts at; undefined on the last page. */
  nextId: string | undefined;
}

export const maxSavedHunts = 500;

const partitionKey = 'hunt';
/** Ids are hexadecimal. */
const firstKey = '0';
const pageSize = 50;

export function createSavedHunts(table: Table, clock: Clock): SavedHunts {
  const rows = createCountedRows(table, partitionKey, maxSavedHunts);

  async function listPage(top: number, from = firstKey, canSee = (_: string) => true): Promise<HuntPage> {
    const hunts: SavedHunt[] = [];
    let nextId: string | undefined = from;
    while (nextId !== undefined && hunts.length < top) {
      const size: number = Math.min(pageSize, top - hunts.length);
      const found: StoredEntity[] = await table.list(partitionKey, { from: nextId, top: size + 1 });
      const page = found.slice(0, size).flatMap((row) => parseRow(row) ?? []);
      hunts.push(...page.filter(({ createdBy }) => canSee(createdBy)));
      nextId = found[size]?.rowKey;
    }
    return { hunts, nextId };
  }

  async function get(id: string): Promise<SavedHunt | undefined> {
    const row = await table.get(partitionKey, id);
    return row && parseRow(row);
  }

  return {
    async add(request, knownId) {
      const createdAt = clock.now();
      const id = knownId ?? toGuid(createTimeOrderedId(createdAt));
      const existing = knownId === undefined ? undefined : await get(knownId);
      if (existing !== undefined) return existing;
      const hunt = { ...request, id, createdAt, nextRunAt: nextRun(request.schedule, createdAt) };
      if (await rows.insert(toRow(hunt))) return hunt;
      throw new RequestError(
        409,
        'LimitReached',
        `There are ${maxSavedHunts} saved hunts, the most that an app can have.`,
        {
          nextStep: 'Delete hunts that are no longer needed.',
        },
      );
    },
    get,
    listPage,
    async *listAll() {
      let from: string | undefined = firstKey;
      while (from !== undefined) {
        const page: HuntPage = await listPage(pageSize, from);
        yield* page.hunts;
        from = page.nextId;
      }
    },
    async remove(id) {
      await rows.remove(id);
      // A concurrent run finds no hunt and removes its own row.
      for (const { rowKey } of await table.list(runPartitionOf(id))) await table.delete(runPartitionOf(id), rowKey);
    },
    async postpone(hunt) {
      const row = await table.get(partitionKey, hunt.id);
      if (row === undefined) return;
      const entity = toRow({ ...hunt, nextRunAt: nextRun(hunt.schedule, clock.now()) });
      await table.replace({ ...entity, partitionKey }, row.etag);
    },
  };
}

/** @throws {RangeError} for a schedule without a future occurrence. */
export function nextRun(schedule: string, afterAt: number): number {
  const at = parseNcrontab(schedule).next(afterAt);
  if (at === undefined) throw new RangeError(`"${schedule}" has no future occurrence`);
  return at;
}

function toRow({ id, ...content }: SavedHunt): Omit<TableEntity, 'partitionKey'> & { rowKey: string } {
  const members = packMembers(JSON.stringify(content));
  if (members === undefined) throw new TypeError('The hunt is too large to be stored');
  return { rowKey: id, ...members };
}

function parseRow(row: StoredEntity): SavedHunt | undefined {
  const content = parseStored(huntSchema, unpackMembers(row));
  return content && { ...content, id: row.rowKey };
}
