import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { type Entity, parseServicePage, type ServicePage } from './service-page.ts';

/**
 * Where a list goes on: at a position, or at a link that the service gave; `skip` then counts from there, for a service page
 * that was larger than what was wanted of it.
 */
export interface Cursor {
  path?: string | undefined;
  skip: number;
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

async function readServicePage(collection: Collection, { path, skip }: Cursor, missing: number) {
  const { client, call, largestServicePage } = collection;
  const size = Math.min(missing, largestServicePage);
  const target = path ?? collection.path + toQuery(collection.filter, size, skip);
  const text = await client.send({ ...call, method: 'GET', isSafe: true, path: target });
  const page = parseServicePage(call.permission.api, text, new URL(target, client.originOf(call.permission.api)));

  const available = path === undefined ? page.entities : page.entities.slice(skip);
  const entities = available.slice(0, missing);
  return {
    entities,
    text: entities.length === page.entities.length ? page.entitiesText : undefined,
    next: toNextCursor(page, { path, skip }, available.length, entities.length, size),
  };
}

function toNextCursor(
  page: ServicePage,
  at: Cursor,
  available: number,
  taken: number,
  asked: number,
): Cursor | undefined {
  if (taken < available) return { path: at.path, skip: at.skip + taken };
  if (page.nextPath !== undefined) return { path: page.nextPath, skip: 0 };
  // Without a link a service page says only by its shortness that it was the last.
  return at.path === undefined && taken >= asked ? { skip: at.skip + taken } : undefined;
}

function toQuery(filter: string | undefined, top: number, skip: number): string {
  const options = [`$top=${top}`];
  if (skip > 0) options.push(`$skip=${skip}`);
  if (filter !== undefined) options.push(`$filter=${encodeURIComponent(filter)}`);
  return `?${options.join('&')}`;
}
