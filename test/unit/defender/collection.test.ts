import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Entity } from '../../../shared/defender/entity.ts';
import type { SentRequest } from '../fake-http-client.ts';
import { having, idsOf, linkTo, openThings, textOf, thingsFrom } from './things.ts';

describe("page within the service's page limit", () => {
  test('takes one request with an encoded filter', async () => {
    const { read, sentQueries } = openThings([having(7)], { filter: "name eq 'a&b+c'" });
    const page = await read(50);
    assert.deepEqual([textOf(page), page.next], [JSON.stringify(thingsFrom(0, 7)), undefined]);
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
    const page = await openThings([having(50)]).read(50, { skip: 50 });
    assert.deepEqual([textOf(page), page.next], ['[]', undefined]);
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

test('an entity that moved to the next page while the list was read appears once, in its latest version', async () => {
  const first = [...thingsFrom(1, 99), { id: 100, version: 'old' }];
  const second = [{ id: 100, version: 'new' }, { id: 101 }];
  const { read } = openThings([{ body: { value: first } }, { body: { value: second } }]);
  const text = textOf(await read(200));
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
    assert.deepEqual([textOf(page), page.next], ['[]', { skip: 50 }]);
  });
});
