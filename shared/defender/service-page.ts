import type { Api } from '../clouds.ts';
import { UpstreamError } from '../errors.ts';
import { serviceOf } from './api-error.ts';
import { outlineArray, type Span } from './array-outline.ts';

export type Entity = Record<string, unknown>;

/** One page of an OData collection. */
export interface ServicePage {
  /** How many entities are on it. */
  count: number;
  /** The text of the entities from `start` up to, not including, `end`, separated by commas. */
  textOf(start: number, end: number): string;
  /** Path and query of the next page, where the service gives one. */
  nextPath: string | undefined;
}

/**
 * Reads an OData page.
 * @throws {UpstreamError} when it is none, or when its next link leads anywhere but to the same collection on the same host: our
 * token goes nowhere else.
 */
export function readServicePage(api: Api, text: string, requestUrl: URL): ServicePage {
  const outline = outlinePage(text);
  // A page with other members, or in another order, is rare enough to be written anew in the usual form.
  if (outline === undefined) return readServicePage(api, rewritePage(api, text), requestUrl);
  const { elements, nextLink } = outline;
  if (elements.some(({ start }) => text[start] !== '{')) throw malformed(api);
  return {
    count: elements.length,
    textOf: (start, end) => text.slice(elements[start]?.start, elements[end - 1]?.end ?? elements[start]?.start),
    nextPath: nextLink === undefined ? undefined : toNextPath(api, nextLink, requestUrl),
  };
}

const opening = /^\s*\{\s*(?:"@odata\.context"\s*:\s*"[^"\\]*"\s*,\s*)?"value"\s*:\s*(?=\[)/;
const closing = /^\s*(?:,\s*"@odata\.nextLink"\s*:\s*(?:"(?<link>[^"\\]*)"|null)\s*)?\}\s*$/;

/** Where the entities stand in a page of the usual form; undefined for any other text. */
function outlinePage(text: string): { elements: Span[]; nextLink: string | undefined } | undefined {
  const start = opening.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  try {
    const { elements, end } = outlineArray(text, start);
    const tail = closing.exec(text.slice(end));
    return tail === null ? undefined : { elements, nextLink: tail.groups?.link };
  } catch {
    return undefined;
  }
}

function rewritePage(api: Api, text: string): string {
  const { value, '@odata.nextLink': nextLink = null } = parseEntity(api, text);
  const isLink = nextLink === null || (typeof nextLink === 'string' && URL.canParse(nextLink));
  if (!Array.isArray(value) || !isLink) throw malformed(api);
  const link = nextLink === null ? null : new URL(nextLink).href;
  return `{"value":${JSON.stringify(value)},"@odata.nextLink":${JSON.stringify(link)}}`;
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

function toNextPath(api: Api, nextLink: string, requestUrl: URL): string {
  const next = URL.canParse(nextLink) ? new URL(nextLink) : undefined;
  if (next?.pathname === requestUrl.pathname && isOwnOrigin(next, requestUrl)) return next.pathname + next.search;
  throw malformed(api);
}

/** A regional host may name the global one in its links: the same service, which is then asked at its regional host all the same. */
function isOwnOrigin(next: URL, requestUrl: URL): boolean {
  return next.protocol === 'https:' && (next.host === requestUrl.host || requestUrl.host.endsWith(`.${next.host}`));
}
