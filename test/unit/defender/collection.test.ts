import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Cursor, type Page, readPage } from '../../../shared/defender/collection.ts';
import { readIncidents } from '../../../shared/defender/permissions.ts';
import type { Entity } from '../../../shared/defender/service-page.ts';
import type { ScriptedStep, SentRequest } from '../fake-http-client.ts';
import { openClient } from './open-client.ts';

interface Given {
  filter?: string;
  normalize?: (entity: Entity) => boolean;
  isWanted?: (entity: Entity) => boolean;
  paging?: 'links' | 'positions';
}

/** A list of things behind a scripted service, of which a page of the service holds a hundred at the most. */
function openThings(
  script: ScriptedStep[],
  { filter, normalize = () => false, isWanted, paging = 'positions' }: Given = {},
) {
  const { client, httpClient, clock } = openClient({ script });
  const things = {
    client,
    call: { operation: 'things.list', permission: readIncidents },
    path: '/api/things',
    filter,
    maxServicePage: 100,
    keyOf: ({ id }: Entity) => id,
    normalize,
    isWanted,
    paging,
  };
  return {
    httpClient,
    read: (top: number, cursor?: Cursor): Promise<Page> => clock.runUntil(readPage(things, top, cursor)),
    sentQueries: () => httpClient.requests.map(({ url }) => url.search),
  };
}

const thingsFrom = (first: number, count: number): Entity[] =>
  Array.from({ length: count }, (_, index) => ({ id: first + index }));

/** A service that has so many things, and answers what `$skip` and `$top` ask for. */
const having = (total: number) => (request: SentRequest) => {
  const option = (name: string) => Number(request.url.searchParams.get(name) ?? 0);
  const skip = option('$skip');
  return { body: { value: thingsFrom(skip, Math.max(0, Math.min(option('$top'), total - skip))) } };
};

const host = 'https://api.security.microsoft.com';
const linkTo = (query: string) => `${host}/api/things?${query}`;
const idsOf = ({ text }: Page): unknown[] => JSON.parse(text).map(({ id }: Entity) => id);

describe("page within the service's page limit", () => {
  test('takes one request with an encoded filter', async () => {
    const { read, sentQueries } = openThings([having(7)], { filter: "name eq 'a&b+c'" });
    assert.deepEqual(await read(50), { text: JSON.stringify(thingsFrom(0, 7)), next: undefined });
    assert.deepEqual(sentQueries(), ['?$top=51&$filter=name%20eq%20%27a%26b%2Bc%27']);
  });

  test('recognizes an exactly full last page', async () => {
    assert.equal((await openThings([having(50)]).read(50)).next, undefined);
  });

  test('has a cursor when there is one more entity', async () => {
    assert.deepEqual((await openThings([having(51)]).read(50)).next, { skip: 50 });
  });

  test('starts at the cursor', async () => {
    const { read, sentQueries } = openThings([having(120)]);
    const page = await read(50, { skip: 100 });
    assert.deepEqual([idsOf(page), page.next], [thingsFrom(100, 20).map(({ id }) => id), undefined]);
    assert.deepEqual(sentQueries(), ['?$top=51&$skip=100']);
  });

  test('may be empty', async () => {
    assert.deepEqual(await openThings([having(50)]).read(50, { skip: 50 }), { text: '[]', next: undefined });
  });
});

describe("page above the service's page limit", () => {
  test('takes ten requests for 1,000 entities', async () => {
    const { read, sentQueries } = openThings(Array(10).fill(having(5_000)));
    const page = await read(1_000);
    assert.deepEqual(
      idsOf(page),
      thingsFrom(0, 1_000).map(({ id }) => id),
    );
    assert.deepEqual(page.next, { skip: 1_000 });
    assert.deepEqual(sentQueries().slice(0, 3), ['?$top=100', '?$top=100&$skip=100', '?$top=100&$skip=200']);
    assert.equal(sentQueries().length, 10);
  });

  test('ends early at 30 million characters, with a cursor', async () => {
    const heavy = (request: SentRequest) => {
      const { value } = having(250)(request).body;
      return { body: { value: value.map((thing) => ({ ...thing, text: 'x'.repeat(200_000) })) } };
    };
    const { read } = openThings([heavy, heavy, heavy]);
    const early = await read(250);
    assert.deepEqual([idsOf(early).length, early.next], [200, { skip: 200 }]);
    const rest = await read(250, early.next);
    assert.deepEqual([idsOf(rest).length, rest.next], [50, undefined]);
  });

  test('requests one entity more than is missing', async () => {
    const { read, sentQueries } = openThings([having(500), having(500)]);
    assert.equal(idsOf(await read(130)).length, 130);
    assert.deepEqual(sentQueries(), ['?$top=100', '?$top=31&$skip=100']);
  });

  test('ends with the first short page of the service', async () => {
    const { read, httpClient } = openThings([having(150), having(150)]);
    const page = await read(1_000);
    assert.deepEqual([idsOf(page).length, page.next, httpClient.unused()], [150, undefined, 0]);
  });
});

describe('next link of the service', () => {
  test('determines the next request unchanged', async () => {
    const { read, sentQueries } = openThings([
      { body: { value: thingsFrom(0, 2), '@odata.nextLink': linkTo('$skiptoken=a%2Fb') } },
      { body: { value: thingsFrom(2, 1) } },
    ]);
    const page = await read(5);
    assert.deepEqual([idsOf(page), page.next], [[0, 1, 2], undefined]);
    assert.deepEqual(sentQueries(), ['?$top=6', '?$skiptoken=a%2Fb']);
  });

  test('becomes the cursor when the page is full', async () => {
    const body = { value: thingsFrom(0, 2), '@odata.nextLink': linkTo('$skiptoken=x') };
    assert.deepEqual((await openThings([{ body }]).read(2)).next, {
      path: '/api/things?$skiptoken=x',
      skip: 2,
      owed: 1,
    });
  });

  test('may be null', async () => {
    const { next } = await openThings([{ body: { value: thingsFrom(0, 1), '@odata.nextLink': null } }]).read(2);
    assert.equal(next, undefined);
  });

  for (const [name, link] of [
    ['another host', 'https://evil.example/api/things?$skiptoken=x'],
    ['a host that begins like ours', `${host}.evil.example/api/things`],
    ['a host hidden behind user info', 'https://api.security.microsoft.com@evil.example/api/things'],
    ['another scheme', 'http://api.security.microsoft.com/api/things'],
    ['another port', `${host}:444/api/things`],
    ['another collection', `${host}/api/machines`],
    ['nowhere in particular', '/api/things?$skip=100'],
  ] as const) {
    test(`causes a 502 when it leads to ${name}`, async () => {
      const { read, httpClient } = openThings([{ body: { value: [], '@odata.nextLink': link } }]);
      await assert.rejects(read(5), { name: 'UpstreamError', failure: 'malformed' });
      assert.equal(httpClient.requests.length, 1);
    });
  }

  test('cannot be forged in a cursor to reach another collection', async () => {
    const { read, httpClient } = openThings([having(1)]);
    await assert.rejects(read(5, { path: '/api/machines?$top=100', skip: 0 }));
    assert.deepEqual(httpClient.requests, []);
  });
});

describe('service page larger than requested', () => {
  const large = { value: thingsFrom(0, 5), '@odata.nextLink': linkTo('$skiptoken=x') };

  test('ends at top entities and continues by position', async () => {
    const page = await openThings([{ body: large }]).read(2);
    assert.deepEqual([idsOf(page), page.next], [[0, 1], { skip: 2 }]);
  });

  test('behind a link is truncated and continued at the same link', async () => {
    const second = { value: thingsFrom(5, 5), '@odata.nextLink': linkTo('$skiptoken=y') };
    const page = await openThings([{ body: large }, { body: second }]).read(7);
    const next = { path: '/api/things?$skiptoken=x', skip: 7, used: 2, owed: 3 };
    assert.deepEqual([idsOf(page).length, page.next], [7, next]);

    const rest = openThings([{ body: second }]);
    const page2 = await rest.read(3, next);
    assert.deepEqual([idsOf(page2), page2.next], [[7, 8, 9], { path: '/api/things?$skiptoken=y', skip: 10, owed: 0 }]);
    assert.deepEqual(rest.sentQueries(), ['?$skiptoken=x']);
  });
});

describe('service that pages by links', () => {
  const page = (first: number, count: number, query?: string) => ({
    body: { value: thingsFrom(first, count), ...(query !== undefined && { '@odata.nextLink': linkTo(query) }) },
  });
  const open = (...script: ScriptedStep[]) => openThings(script, { paging: 'links' });

  test('receives requests for exactly top entities', async () => {
    const { read, sentQueries } = open(page(0, 50, '$skiptoken=x'));
    const { next } = await read(50);
    assert.deepEqual(sentQueries(), ['?$top=50']);
    assert.equal(next?.path, '/api/things?$skiptoken=x');
  });

  test('ends the list at a page without a link, full or not', async () => {
    for (const last of [page(100, 100), page(100, 3)]) {
      const { read, sentQueries, httpClient } = open(page(0, 100, '$skiptoken=x'), last);
      assert.equal((await read(200)).next, undefined);
      assert.deepEqual([sentQueries(), httpClient.unused()], [['?$top=100', '?$skiptoken=x'], 0]);
    }
  });

  test('may return any number of short pages', async () => {
    const { read } = open(page(0, 2, 'a=1'), page(2, 2, 'a=2'), page(4, 2, 'a=3'), page(6, 1));
    assert.deepEqual(idsOf(await read(1_000)), [0, 1, 2, 3, 4, 5, 6]);
  });

  test('continues a truncated page at the same address', async () => {
    const first = await open(page(0, 5, '$skiptoken=x')).read(2);
    assert.deepEqual(idsOf(first), [0, 1]);
    const rest = open(page(0, 5, '$skiptoken=x'), page(5, 1));
    const second = await rest.read(10, JSON.parse(JSON.stringify(first.next)));
    assert.deepEqual([idsOf(second), second.next], [[2, 3, 4, 5], undefined]);
    assert.deepEqual(rest.sentQueries(), ['?$top=2', '?$skiptoken=x']);
  });

  test('may write its path in another case', async () => {
    const link = { body: { value: [], '@odata.nextLink': `${host}/API/Things?$skiptoken=x` } };
    const { read, httpClient } = open(link, page(0, 1));
    assert.deepEqual(idsOf(await read(2)), [0]);
    assert.equal(httpClient.requests[1]?.url.pathname, '/API/Things');
  });
});

test('an entity that moved to the next page while the list was read appears once, in its latest version', async () => {
  const first = [...thingsFrom(1, 99), { id: 100, version: 'old' }];
  const second = [{ id: 100, version: 'new' }, { id: 101 }];
  const { read } = openThings([{ body: { value: first } }, { body: { value: second } }]);
  const { text } = await read(200);
  const things: Entity[] = JSON.parse(text);
  assert.equal(things.length, 101);
  assert.deepEqual(things[99], { id: 100, version: 'new' });
});

describe('filter of the app', () => {
  test('makes pages shorter, not fewer', async () => {
    const { read } = openThings([having(500)], { isWanted: ({ id }) => Number(id) % 10 === 0 });
    const page = await read(50);
    assert.deepEqual([idsOf(page), page.next], [[0, 10, 20, 30, 40], { skip: 50 }]);
  });

  test('may leave a page empty', async () => {
    const page = await openThings([having(500)], { isWanted: () => false }).read(50);
    assert.deepEqual(page, { text: '[]', next: { skip: 50 } });
  });
});
