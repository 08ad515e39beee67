import { RequestError } from '../errors.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { type Entity, malformed } from './entity.ts';
import { type EntityEnums, normalizeEnums, toNormalizedParts } from './entity-enums.ts';
import { isSamePath, parseServicePage, type ServicePage } from './service-page.ts';

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
  /** The row key at which the page of a stored list starts. */
  key?: string | undefined;
}

export interface Page {
  /** The entities as a JSON array, in parts: concatenating them would copy the text of a large page once more. */
  parts: readonly string[];
  next: Cursor | undefined;
}

interface Collection {
  client: DefenderClient;
  /** The call without path and paging options. */
  call: Omit<Call, 'path' | 'method' | 'isIdempotent'>;
  path: string;
  filter: string | undefined;
  maxServicePage: number;
  /** `links`: every page but the last has a next link, so `$skip` is never needed. `positions`: pages may lack it. Default: `positions`. */
  paging?: 'links' | 'positions';
  /** Identity of an entity, which may be returned twice when the list changes while it is read. */
  keyOf: (entity: Entity) => unknown;
  enums: EntityEnums;
  /** A filter that the service does not support. */
  isWanted?: ((entity: Entity) => boolean) | undefined;
}

/** Limit of service responses per page: Logic Apps accept 100 MB, and a character has up to three bytes. */
const maxCharacters = 30_000_000;
/** A service that returns more empty pages with a next link has no more entities. */
const maxEmptyPages = 3;

/** Reads `top` entities from `cursor` on, over as many pages of the service as needed. A page ends early at `maxCharacters`. */
export async function readPage(collection: Collection, top: number, cursor: Cursor = { skip: 0 }): Promise<Page> {
  const parts: Part[] = [];
  const requested = new Set<string>();
  let next: Cursor | undefined = cursor;
  let characters = 0;
  let emptyPages = 0;
  for (let missing = top; next !== undefined && missing > 0 && characters < maxCharacters; ) {
    const part = await readPart(collection, next, missing, requested);
    parts.push(part);
    missing -= part.entities.length;
    characters += part.characters;
    next = part.next;
    emptyPages = part.entities.length === 0 ? emptyPages + 1 : 0;
    if (next !== undefined && emptyPages >= maxEmptyPages) throw malformed(collection.call.permission.api);
  }
  return { parts: ['[', ...toElements(collection, parts), ']'], next };
}

/** The entities of all parts as JSON, separated by commas. Of an entity that was returned twice, the later version remains. */
function toElements({ enums, keyOf, isWanted }: Collection, parts: readonly Part[]): string[] {
  const entities = parts.flatMap((part) => part.entities);
  const byKey = new Map(entities.map((entity) => [keyOf(entity), entity]));
  if (byKey.size === entities.length && isWanted === undefined) {
    const filled = parts.filter((part) => part.entities.length > 0);
    return filled.flatMap((part, index) => [
      ...(index > 0 ? [','] : []),
      ...toNormalizedParts(enums, part.entities, part.text),
    ]);
  }
  for (const entity of entities) normalizeEnums(enums, entity);
  return [JSON.stringify([...byKey.values()].filter(isWanted ?? (() => true))).slice(1, -1)];
}

interface Part {
  entities: Entity[];
  /** Original text of the entities, if it can be located. */
  text: string | undefined;
  /** Size of the service's response. */
  characters: number;
  next: Cursor | undefined;
}

async function readPart(collection: Collection, at: Cursor, missing: number, requested: Set<string>): Promise<Part> {
  const { client, call, maxServicePage, paging = 'positions' } = collection;
  const { api } = call.permission;
  // Without reliable links, one entity more than needed shows whether the list continues.
  const size = Math.min(paging === 'links' ? missing : missing + 1, maxServicePage);
  const path = at.path ?? collection.path + toQuery(collection.filter, size, at.skip);
  requireOwnPath(collection.path, path);
  requested.add(path);
  const text = await client.send({ ...call, method: 'GET', isIdempotent: true, path });
  const page = parseServicePage(client, api, path, text);
  // A list without end.
  if (page.nextPath !== undefined && requested.has(page.nextPath)) throw malformed(api);

  const used = at.used ?? 0;
  const available = page.entities.slice(used);
  const entities = available.slice(0, missing);
  const from = paging === 'links' ? { ...at, path } : { ...at, owed: at.owed ?? size };
  return {
    entities,
    text: used === 0 ? page.textOf(entities.length) : undefined,
    characters: text.length,
    next: toNextCursor(page, from, entities.length, available.length),
  };
}

/** A cursor comes from the caller: the token must not be sent to any other path. */
function requireOwnPath(ownPath: string, path: string): void {
  if (isSamePath(path.split('?', 1)[0] ?? '', ownPath)) return;
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
