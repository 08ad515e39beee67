import { type Cursor, type Page, readPage } from '../../../shared/defender/collection.ts';
import type { Entity } from '../../../shared/defender/entity.ts';
import { defineEntityEnums } from '../../../shared/defender/entity-enums.ts';
import { readIncidents } from '../../../shared/defender/permissions.ts';
import type { ScriptedStep, SentRequest } from '../fake-http-client.ts';
import { openClient } from './open-client.ts';

interface Options {
  filter?: string;
  isWanted?: (entity: Entity) => boolean;
  paging?: 'links' | 'positions';
  region?: string;
}

/** A list behind a scripted service with a page limit of 100. */
export function openThings(
  script: ScriptedStep[],
  { filter, isWanted, paging = 'positions', ...options }: Options = {},
) {
  const { client, httpClient, clock } = openClient({ script, ...options });
  const things = {
    client,
    call: { operation: 'things.list', permission: readIncidents },
    path: '/api/things',
    filter,
    maxServicePage: 100,
    keyOf: ({ id }: Entity) => id,
    enums: defineEntityEnums({}),
    isWanted,
    paging,
  };
  return {
    httpClient,
    read: (top: number, cursor?: Cursor): Promise<Page> => clock.runUntil(readPage(things, top, cursor)),
    sentQueries: () => httpClient.requests.map(({ url }) => url.search),
  };
}

export const thingsFrom = (first: number, count: number): Entity[] =>
  Array.from({ length: count }, (_, index) => ({ id: first + index }));

/** A service with `total` entities that honors `$skip` and `$top`. */
export const having = (total: number) => (request: SentRequest) => {
  const option = (name: string) => Number(request.url.searchParams.get(name) ?? 0);
  const skip = option('$skip');
  return { body: { value: thingsFrom(skip, Math.max(0, Math.min(option('$top'), total - skip))) } };
};

export const host = 'https://api.security.microsoft.com';
export const linkTo = (query: string) => `${host}/api/things?${query}`;
export const textOf = ({ parts }: Page): string => parts.join('');
export const idsOf = (page: Page): unknown[] => JSON.parse(textOf(page)).map(({ id }: Entity) => id);
