import { RequestError } from '../errors.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { type Entity, isSamePath, parseServicePage, type ServicePage } from './service-page.ts';

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
  call: Omit<Call, 'path' | 'method' | 'isIdempotent'>;
  path: string;
  filter: string | undefined;
  maxServicePage: number;
  /**
   * How the service leads on: `links` on every page but the last, so that no position need ever be asked for; or `positions`, even
   * where it gives links, since it does not always.
   */
  paging?: 'links' | 'positions';
  /** Two entities with the same key are the same one, seen again because the list moved while it was read. */
  keyOf: (entity: Entity) => unknown;
  /** Changes an entity in place to what we answer; says whether it had to. */
  prepare: (entity: Entity) => boolean;
  /** What only this app can filter by. */
  isWanted?: ((entity: Entity) => boolean) | undefined;
}

/** Of the service's text, on one page. A Logic App takes 100 MB, and a character may be three bytes. */
const maxCharacters = 30_000_000;

/**
 * Reads `top` entities from `cursor` on, over as many pages of the service as that takes. Where they are too large for one reply the page
 * ends early, and its cursor leads on.
 */
export async function readPage(collection: Collection, top: number, cursor: Cursor = { skip: 0 }): Promise<Page> {
  const { keyOf, prepare, isWanted } = collection;
  const parts: Part[] = [];
  let next: Cursor | undefined = cursor;
  let characters = 0;
  for (let missing = top; next !== undefined && missing > 0 && characters < maxCharacters; ) {
    const part = await readPart(collection, next, missing);
    parts.push(part);
    missing -= part.entities.length;
    characters += part.characters;
    next = part.next;
  }

  const entities = new Map<unknown, Entity>();
  let isUntouched = parts.length === 1 && isWanted === undefined;
  for (const entity of parts.flatMap((part) => part.entities)) {
    if (prepare(entity)) isUntouched = false;
    entities.set(keyOf(entity), entity);
  }
  const text = isUntouched ? parts[0]?.text : undefined;
  return { text: text ?? JSON.stringify([...entities.values()].filter(isWanted ?? (() => true))), next };
}

interface Part {
  entities: Entity[];
  /** What the entities were parsed from, where it can be passed on. */
  text: string | undefined;
  /** Of all that the service answered. */
  characters: number;
  next: Cursor | undefined;
}

async function readPart(collection: Collection, at: Cursor, missing: number): Promise<Part> {
  const { client, call, maxServicePage, paging = 'positions' } = collection;
  const { api } = call.permission;
  // Where no link need tell whether the list goes on, one more than is missing does, without another call.
  const size = Math.min(paging === 'links' ? missing : missing + 1, maxServicePage);
  const target = at.path ?? collection.path + toQuery(collection.filter, size, at.skip);
  requireOwnPath(collection.path, target);
  const text = await client.send({ ...call, method: 'GET', isIdempotent: true, path: target });
  const page = parseServicePage(api, text, new URL(target, client.originOf(api)));

  const used = at.used ?? 0;
  const available = page.entities.slice(used);
  const entities = available.slice(0, missing);
  const from = paging === 'links' ? { ...at, path: target } : { ...at, owed: at.owed ?? size };
  return {
    entities,
    text: used === 0 ? page.textOf(entities.length) : undefined,
    characters: text.length,
    next: toNextCursor(page, from, entities.length, available.length),
  };
}

/** A cursor comes back from the caller: it may lead on in the list that it was made for, and nowhere else with our token. */
function requireOwnPath(ownPath: string, target: string): void {
  if (isSamePath(target.split('?', 1)[0] ?? '', ownPath)) return;
  throw new RequestError(400, 'InvalidRequest', 'The continuation does not belong to this list.');
}

function toNextCursor(page: ServicePage, at: Cursor, taken: number, available: number): Cursor | undefined {
  const { path, used = 0, owed } = at;
  const skip = at.skip + taken;
  if (taken < available) return path === undefined ? { skip } : { skip, path, used: used + taken, owed };
  const left = owed === undefined ? undefined : Math.max(0, owed - used - taken);
  if (page.nextPath !== undefined) return { skip, path: page.nextPath, owed: left };
  // Without a link a service that pages by position says only by giving less than it was asked for that this was the end.
  return left === 0 ? { skip } : undefined;
}

function toQuery(filter: string | undefined, top: number, skip: number): string {
  const options = [`$top=${top}`];
  if (skip > 0) options.push(`$skip=${skip}`);
  if (filter !== undefined) options.push(`$filter=${encodeURIComponent(filter)}`);
  return `?${options.join('&')}`;
}
