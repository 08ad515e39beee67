import type { Api } from '../clouds.ts';
import type { DefenderClient } from './client.ts';
import { type Entity, isEntity, malformed, parseEntity } from './entity.ts';

/** One page of an OData collection. */
export interface ServicePage {
  entities: Entity[];
  /** Original text of the first `count` entities, separated by commas. `undefined` where it cannot be located. */
  textOf(count: number): string | undefined;
  /** Path and query of `@odata.nextLink`. */
  nextPath: string | undefined;
}

/**
 * Parses a page of an OData collection, requested with this path.
 * @throws {UpstreamError} when it is malformed, or when its next link leaves the collection or the host: the token must not follow it.
 */
export function parseServicePage(client: DefenderClient, api: Api, path: string, text: string): ServicePage {
  const body = parseEntity(api, text);
  const { value, '@odata.nextLink': nextLink } = body;
  if (!Array.isArray(value) || !value.every(isEntity)) throw malformed(api);
  const elements = sliceElements(text, Object.keys(body));
  return {
    entities: value,
    textOf: (count) => (elements === undefined ? undefined : cutTo(count, elements, value)),
    nextPath: nextLink === undefined || nextLink === null ? undefined : toNextPath(client, api, path, nextLink),
  };
}

const opening = /^\s*\{\s*(?:"@odata\.context"\s*:\s*"[^"\\]*"\s*,\s*)?"value"\s*:\s*\[/;
const closing = /\](?=\s*(?:,\s*"@odata\.nextLink"\s*:\s*(?:"[^"\\]*"|null)\s*)?\}\s*$)/;
const maxClosing = 4_096;

/**
 * Locates the elements of `value` in a parsed page that has no members but the known ones. Slices share memory with the text: no function
 * here copies it.
 */
function sliceElements(text: string, members: string[]): string | undefined {
  if (members.some((member) => !['@odata.context', 'value', '@odata.nextLink'].includes(member))) return undefined;
  const tailStart = Math.max(0, text.length - maxClosing);
  const start = opening.exec(text)?.[0].length;
  const end = closing.exec(text.slice(tailStart))?.index;
  return start === undefined || end === undefined ? undefined : text.slice(start, tailStart + end);
}

/** Drops the last entity if it is serialized as `JSON.stringify` does, which tells where it starts. */
function cutTo(count: number, elements: string, entities: Entity[]): string | undefined {
  if (count === entities.length) return elements;
  const last = `,${JSON.stringify(entities.at(-1))}`;
  const isLocated = count === entities.length - 1 && count > 0 && elements.endsWith(last);
  return isLocated ? elements.slice(0, -last.length) : undefined;
}

function toNextPath(client: DefenderClient, api: Api, path: string, nextLink: unknown): string {
  const next = typeof nextLink === 'string' && URL.canParse(nextLink) ? new URL(nextLink) : undefined;
  if (next === undefined || !isSamePath(next.pathname, path.split('?', 1)[0] ?? '') || !isOwnLink(client, api, next)) {
    throw malformed(api);
  }
  return next.pathname + next.search;
}

/** Paths are case-insensitive: links of the services may differ in case from the request. */
export const isSamePath = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Links may name the global host in place of the regional one, and `securitycenter` in place of `security`. The host in use is kept. */
function isOwnLink(client: DefenderClient, api: Api, { origin, username, password }: URL): boolean {
  const { origin: ownOrigin, resource } = client.addressOf(api);
  const [linked, ...own] = [origin, ownOrigin, resource].map((each) => each.replace('.securitycenter.', '.security.'));
  return username === '' && password === '' && own.some((each) => each === linked);
}
