import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Entity } from '../../../shared/defender/entity.ts';
import type { ScriptedStep } from '../fake-http-client.ts';
import { having, host, idsOf, linkTo, openThings, thingsFrom } from './things.ts';

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
    ['a parent domain', 'https://security.microsoft.com/api/things'],
    ['user info', 'https://user@api.security.microsoft.com/api/things'],
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

describe('list without end', () => {
  const malformed = { name: 'UpstreamError', failure: 'malformed' };
  const page = (link: string, ...value: Entity[]) => ({ body: { value, '@odata.nextLink': linkTo(link) } });

  for (const paging of ['links', 'positions'] as const) {
    test(`ends with 502 when a link was requested before: ${paging}`, async () => {
      const script = [
        page('$skiptoken=x', { id: 1 }),
        page('$skiptoken=y', { id: 2 }),
        page('$skiptoken=x', { id: 3 }),
      ];
      const { read, httpClient } = openThings(script, { paging });
      await assert.rejects(read(50), malformed);
      assert.equal(httpClient.requests.length, 3);
    });

    test(`ends with 502 after three empty pages in a row: ${paging}`, async () => {
      const script = [page('a=1', { id: 1 }), page('a=2'), page('a=3'), page('a=4')];
      const { read, httpClient } = openThings(script, { paging });
      await assert.rejects(read(50), malformed);
      assert.equal(httpClient.requests.length, 4);
    });
  }

  test('tolerates two empty pages in a row', async () => {
    const script = [page('a=1'), page('a=2'), page('a=3', { id: 1 }), page('a=4'), { body: { value: [] } }];
    assert.deepEqual(idsOf(await openThings(script).read(50)), [1]);
  });

  test('ends with 502 when the link of a cursor leads to itself', async () => {
    const { read } = openThings([page('a=1', { id: 1 })]);
    await assert.rejects(read(1, { skip: 5, path: '/api/things?a=1' }), malformed);
  });
});

test('a link to the global host is followed on the regional host', async () => {
  const { read, httpClient } = openThings([{ body: { value: [], '@odata.nextLink': linkTo('a=1') } }, having(1)], {
    region: 'eu',
  });
  await read(1);
  assert.equal(httpClient.requests[1]?.url.host, 'eu.api.security.microsoft.com');
});
