import { RequestError } from '../errors.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { type Entity, parseServicePage, type ServicePage } from './service-page.ts';

/** Where a list goes on: at a position or, where the service gave a link, behind it. */
export interface Cursor {
  /** How many entities of the list come before. */
  skip: number;
  /** Path and query of the service's link. */
  path?: string | undefined;
  /** How many entities of the linked page were on the last page already. */
  used?: number | undefined;
  /** How many entities the service still owes of those that were asked for. */
  owed?: number | undefined;
}

/** A page as large as the caller wanted it, as the text of a JSON array. */
export interface Page {
  text: string;
  next: Cursor | undefined;
}

interface Collection {
  client: DefenderClient;
  /** All of the call but the path's paging options. */
  call: Omit<Call, 'path' | 'method' | 'isSafe'>;
  path: string;
  filter: string | undefined;
  largestServicePage: number;
  /** Two entities with the same key are the same one, seen again because the list moved while it was read. */
  keyOf: (entity: Entity) => unknown;
  /** Changes an entity in place to what we answer; says whether it had to. */
  prepare: (entity: Entity) => boolean;
  /** What only this app can filter by. */
  isWanted?: ((entity: Entity) => boolean) | undefined;
}

/** Reads `top` entities from `cursor` on, over as many pages of the service as that takes. */
export async function readPage(collection: Collection, top: number, cursor: Cursor = { skip: 0 }): Promise<Page> {
  const entities = new Map<unknown, Entity>();
  let next: Cursor | undefined = cursor;
  let untouched: string | undefined;
  let missing = top;

  while (next !== undefined && missing > 0) {
    const read = await readServicePage(collection, next, missing);
    missing -= read.entities.length;
    next = read.next;
    let changed = false;
    for (const entity of read.entities) {
      changed = collection.prepare(entity) || changed;
      entities.set(collection.keyOf(entity), entity);
    }
    const isWhole = read.entities.length === entities.size && top - missing === entities.size;
    untouched = isWhole && !changed ? read.text : undefined;
  }

  const wanted = collection.isWanted === undefined ? undefined : [...entities.values()].filter(collection.isWanted);
  if (wanted === undefined && untouched !== undefined) return { text: untouched, next };
  return { text: JSON.stringify(wanted ?? [...entities.values()]), next };
}

async function readServicePage(collection: Collection, at: Cursor, missing: number) {
  const { client, call, largestServicePage } = collection;
  const { api } = call.permission;
  const size = Math.min(missing, largestServicePage);
  const target = at.path ?? collection.path + toQuery(collection.filter, size, at.skip);
  requireOwnPath(collection.path, target);
  const text = await client.send({ ...call, method: 'GET', isSafe: true, path: target });
  const page = parseServicePage(api, text, new URL(target, client.originOf(api)));

  const available = page.entities.slice(at.used ?? 0);
  const entities = available.slice(0, missing);
  return {
    entities,
    text: entities.length === page.entities.length ? page.entitiesText : undefined,
    next: toNextCursor(page, at, entities.length, available.length, at.owed ?? size),
  };
}

/** A cursor comes back from the caller: it may lead on in the list that it was made for, and nowhere else with our token. */
function requireOwnPath(ownPath: string, target: string): void {
  if (target.split('?', 1)[0] === ownPath) return;
  throw new RequestError(400, 'InvalidRequest', 'The continuation does not belong to this list.');
}

function toNextCursor(
  page: ServicePage,
  at: Cursor,
  taken: number,
  available: number,
  owed: number,
): Cursor | undefined {
  const skip = at.skip + taken;
  if (taken < available) {
    return at.path === undefined ? { skip } : { skip, path: at.path, used: (at.used ?? 0) + taken, owed };
  }
  const left = Math.max(0, owed - (at.used ?? 0) - taken);
  if (page.nextPath !== undefined) return { skip, path: page.nextPath, owed: left };
  // Without a link the service says only by giving less than it was asked for that this was the end.
  return left === 0 ? { skip } : undefined;
}

function toQuery(filter: string | undefined, top: number, skip: number): string {
  const options = [`$top=${top}`];
  if (skip > 0) options.push(`$skip=${skip}`);
  if (filter !== undefined) options.push(`$filter=${encodeURIComponent(filter)}`);
  return `?${options.join('&')}`;
}
