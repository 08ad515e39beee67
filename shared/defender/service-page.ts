import type { Api } from '../clouds.ts';
import { UpstreamError } from '../errors.ts';
import { serviceOf } from './api-error.ts';

export type Entity = Record<string, unknown>;

/** One page of an OData collection. */
export interface ServicePage {
  entities: Entity[];
  /**
   * The text that the first `count` entities were parsed from, as an array: to be passed on as it came. Undefined where it cannot be told
   * apart from what stands around it.
   */
  textOf(count: number): string | undefined;
  /** Path and query of the next page, where the service gives one. */
  nextPath: string | undefined;
}

/**
 * Parses an OData page.
 * @throws {UpstreamError} when it is none, or when its next link leads anywhere but to the same collection on the same host: our
 * token goes nowhere else.
 */
export function parseServicePage(api: Api, text: string, requestUrl: URL): ServicePage {
  const body = parseEntity(api, text);
  const { value, '@odata.nextLink': nextLink } = body;
  if (!Array.isArray(value) || !value.every(isEntity)) throw malformed(api);
  const arrayText = sliceArray(text, Object.keys(body));
  return {
    entities: value,
    textOf: (count) => arrayText && cutTo(count, arrayText, value),
    nextPath: nextLink === undefined || nextLink === null ? undefined : toNextPath(api, nextLink, requestUrl),
  };
}

const opening = /^\s*\{\s*(?:"@odata\.context"\s*:\s*"[^"\\]*"\s*,\s*)?"value"\s*:\s*(?=\[)/;
const closing = /\](?=\s*(?:,\s*"@odata\.nextLink"\s*:\s*(?:"[^"\\]*"|null)\s*)?\}\s*$)/;
const maxClosing = 4_096;

/** The text of `value` in a page that has been parsed, if nothing but the known members stand around it. */
function sliceArray(text: string, members: string[]): string | undefined {
  if (members.some((member) => !['@odata.context', 'value', '@odata.nextLink'].includes(member))) return undefined;
  const tailStart = Math.max(0, text.length - maxClosing);
  const start = opening.exec(text)?.[0].length;
  const end = closing.exec(text.slice(tailStart))?.index;
  return start === undefined || end === undefined ? undefined : text.slice(start, tailStart + end + 1);
}

/** Without its last entity, when that is written as we would write it: then it is known where it begins. */
function cutTo(count: number, arrayText: string, entities: Entity[]): string | undefined {
  if (count === entities.length) return arrayText;
  const lastText = `,${JSON.stringify(entities.at(-1))}]`;
  return count === entities.length - 1 && count > 0 && arrayText.endsWith(lastText)
    ? `${arrayText.slice(0, -lastText.length)}]`
    : undefined;
}

/** Parses a JSON object. @throws {UpstreamError} when it is none. */
export function parseEntity(api: Api, text: string): Entity {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isEntity(parsed)) return parsed;
  } catch {
    // Told below; the parser's own sentence quotes the answer.
  }
  throw malformed(api);
}

export function malformed(api: Api): UpstreamError {
  return new UpstreamError('The service answered something that is not what its contract says.', {
    service: serviceOf(api),
    failure: 'malformed',
  });
}

const isEntity = (value: unknown): value is Entity =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function toNextPath(api: Api, nextLink: unknown, requestUrl: URL): string {
  const next = typeof nextLink === 'string' && URL.canParse(nextLink) ? new URL(nextLink) : undefined;
  if (next !== undefined && isSamePath(next.pathname, requestUrl.pathname) && isOwnOrigin(next, requestUrl)) {
    return next.pathname + next.search;
  }
  throw malformed(api);
}

/** The services tell no case apart in paths, and their links do not always keep to ours. */
export const isSamePath = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * A regional host may name the global one in its links, and Defender for Endpoint its older host: the same service, which is then
 * asked at the host that we call all the same.
 */
function isOwnOrigin(next: URL, requestUrl: URL): boolean {
  const [named, asked] = [next.host, requestUrl.host].map((host) => host.replace('.securitycenter.', '.security.'));
  return next.protocol === 'https:' && (named === asked || `${asked}`.endsWith(`.${named}`));
}
