import { RequestError } from '../errors.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { type Entity, isSamePath, parseServicePage, type ServicePage } from './service-page.ts';

/** Where the next page of a list starts: a position or, where the service returned one, a link. */
export interface Cursor {
  /** Entities of the list before the page. */
  skip: number;
  /** Path and query of the service's `@odata.nextLink`. */
  path?: string | undefined;
  /** Entities of the linked page that the previous page contained. */
  used?: number | undefined;
  /** Entities of the last request (`$top`) that the service has not returned yet. */
  owed?: number | undefined;
  /** Of a list in storage: the row key that the page starts at. */
  key?: string | undefined;
}

export interface Page {
  /** The entities as a JSON array. */
  text: string;
  next: Cursor | undefined;
}

interface Collection {
  client: DefenderClient;
  /** The call without path and paging options. */
  call: Omit<Call, 'path' | 'method' | 'isIdempotent'>;
  path: string;
  filter: string | undefined;
  maxServicePage: number;
  /**
   * `links`: every page but the last has a next link, so `$skip` is never needed. `positions`: pages may lack it. Default: `positions`.
   */
  paging?: 'links' | 'positions';
  /** Identity of an entity, which may be returned twice when the list changes while it is read. */
  keyOf: (entity: Entity) => unknown;
  /** Normalizes an entity in place. Returns whether it changed. */
  normalize: (entity: Entity) => boolean;
  /** A filter that the service does not support. */
  isWanted?: ((entity: Entity) => boolean) | undefined;
}

/** Limit of service responses per page: Logic Apps accept 100 MB, and a character has up to three bytes. */
const maxCharacters = 30_000_000;

/** Reads `top` entities from `cursor` on, over as many pages of the service as needed. A page ends early at `maxCharacters`. */
export async function readPage(collection: Collection, top: number, cursor: Cursor = { skip: 0 }): Promise<Page> {
  const { keyOf, normalize, isWanted } = collection;
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
    if (normalize(entity)) isUntouched = false;
    entities.set(keyOf(entity), entity);
  }
  const text = isUntouched ? parts[0]?.text : undefined;
  return { text: text ?? JSON.stringify([...entities.values()].filter(isWanted ?? (() => true))), next };
}

interface Part {
  entities: Entity[];
  /** Original text of the entities, if it can be passed through. */
  text: string | undefined;
  /** Size of the service's response. */
  characters: number;
  next: Cursor | undefined;
}

async function readPart(collection: Collection, at: Cursor, missing: number): Promise<Part> {
  const { client, call, maxServicePage, paging = 'positions' } = collection;
  const { api } = call.permission;
  // Without reliable links, one entity more than needed shows whether the list continues.
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

/** A cursor comes from the caller: the token must not be sent to any other path. */
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
  // Without a link, a page shorter than requested is the last one.
  return left === 0 ? { skip } : undefined;
}

function toQuery(filter: string | undefined, top: number, skip: number): string {
  const options = [`$top=${top}`];
  if (skip > 0) options.push(`$skip=${skip}`);
  if (filter !== undefined) options.push(`$filter=${encodeURIComponent(filter)}`);
  return `?${options.join('&')}`;
}
