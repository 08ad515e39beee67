import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpRequest } from '@azure/functions';
import * as z from 'zod/mini';
import { incidentStatuses } from '../../../shared/defender/enum-aliases.ts';
import { RequestError } from '../../../shared/errors.ts';
import { commaList, incidentId, nonBlank, oneOf, pageSize } from '../../../shared/inbound/input.ts';
import { parseBody, readBody } from '../../../shared/inbound/request-body.ts';
import { type InputSchemas, parseInput } from '../../../shared/inbound/request-input.ts';
import { createPost, createRequest } from './http-call.ts';

const bodyRules = { bodyTypes: ['application/json'], maxBodyBytes: 1024 * 1024 };
const schemas: InputSchemas = {
  path: z.object({ incidentId }),
  query: z.strictObject({
    status: z.optional(commaList(oneOf(incidentStatuses))),
    assignedTo: z.optional(z.string()),
    top: pageSize,
  }),
  allowUnknownQuery: false,
  body: undefined,
  hasTenant: true,
  isPage: true,
  takesIdempotencyKey: true,
};
const withBody: InputSchemas = {
  ...schemas,
  path: z.object({}),
  query: z.strictObject({}),
  body: z.strictObject({ comment: nonBlank, tags: z.optional(z.array(nonBlank)), 'a/b~c': z.optional(z.number()) }),
};

async function readInput(given: InputSchemas, request: HttpRequest) {
  return parseInput(given, request, given.body && parseBody(await readBody(request, bodyRules)));
}

const get = (query: string) => createRequest({ path: `incidents/7?${query}`, params: { incidentId: '7' } });

async function refusalOf(given: InputSchemas, request: HttpRequest): Promise<RequestError> {
  try {
    await readInput(given, request);
  } catch (error) {
    assert.ok(error instanceof RequestError);
    return error;
  }
  return assert.fail('The request was accepted');
}

/** Where the mistakes are, as `in:name`. */
async function mistakesIn(given: InputSchemas, request: HttpRequest): Promise<string[]> {
  const { status, code, errors = [] } = await refusalOf(given, request);
  assert.deepEqual([status, code], [400, 'InvalidRequest']);
  return errors.map((error) => `${error.in}:${error.name}`).sort();
}

describe('query parameters', () => {
  it('parses every part of a request', async () => {
    const input = await readInput(schemas, get('status=active,NEW&top=5&tenantId=Fabrikam.com&skipToken=x.y'));
    assert.deepEqual(input, {
      path: { incidentId: 7 },
      query: { status: ['Active', 'New'], top: 5 },
      body: undefined,
      tenantId: 'fabrikam.com',
      continuation: 'x.y',
      idempotencyKey: undefined,
    });
  });

  it('joins a repeated parameter to a comma list', async () => {
    const { query } = await readInput(schemas, get('status=active&status=new,resolved'));
    assert.deepEqual(query, { status: ['Active', 'New', 'Resolved'], top: 100 });
  });

  it('ignores the parameters of the host', async () => {
    const { query } = await readInput(schemas, get('code=key&clientId=default'));
    assert.deepEqual(query, { top: 100 });
  });

  it('reports one error for several values of a comma list', async () => {
    const { errors } = await refusalOf(schemas, get('status=nope,never,no'));
    assert.deepEqual(
      errors?.map(({ name }) => name),
      ['status'],
    );
  });

  it('rejects unknown parameters', async () => {
    assert.deepEqual(await mistakesIn(schemas, get('stats=active&Top=5&constructor=1')), [
      'query:Top',
      'query:constructor',
      'query:stats',
    ]);
    assert.deepEqual(await mistakesIn(schemas, get('__proto__=1')), ['query:__proto__']);
  });

  it('rejects empty and blank values', async () => {
    assert.deepEqual(await mistakesIn(schemas, get('status=&assignedTo=%20&tenantId=&skipToken=')), [
      'query:assignedTo',
      'query:skipToken',
      'query:status',
      'query:tenantId',
    ]);
  });

  it('accepts a tenant by GUID or domain', async () => {
    const id = 'AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE';
    assert.equal((await readInput(schemas, get(`tenantId=${id}`))).tenantId, id.toLowerCase());
    for (const wrong of ['contoso', 'a/b.com', 'common', '..', `${id},${id}`]) {
      assert.deepEqual(
        await mistakesIn(schemas, get(`tenantId=${encodeURIComponent(wrong)}`)),
        ['query:tenantId'],
        wrong,
      );
    }
  });

  it('rejects tenantId and skipToken where they do not apply', async () => {
    const plain = { ...schemas, hasTenant: false, isPage: false };
    assert.deepEqual(await mistakesIn(plain, get('tenantId=contoso.com&skipToken=x')), [
      'query:skipToken',
      'query:tenantId',
    ]);
  });
});

describe('the body', () => {
  it('validates it by its schema', async () => {
    const { body } = await readInput(withBody, createPost({ comment: 'Seen', tags: ['a'] }));
    assert.deepEqual(body, { comment: 'Seen', tags: ['a'] });
  });

  it('reports errors by JSON Pointer', async () => {
    const request = createPost({ tags: ['a', ' ', 7], 'a/b~c': 'x', extra: 1 });
    assert.deepEqual(await mistakesIn(withBody, request), [
      'body:/a~1b~0c',
      'body:/comment',
      'body:/extra',
      'body:/tags/1',
      'body:/tags/2',
    ]);
    assert.deepEqual(await mistakesIn(withBody, createPost('[]')), ['body:']);
  });

  it('reports one error if it is missing or not JSON', async () => {
    const missing = await refusalOf(withBody, createRequest({ method: 'POST' }));
    assert.match(missing.message, /^body: is required/);
    assert.deepEqual(await mistakesIn(withBody, createRequest({ method: 'POST' })), ['body:']);
    assert.deepEqual(await mistakesIn(withBody, createPost('{"comment":')), ['body:']);
  });

  it('reports an unknown member named __proto__', async () => {
    assert.deepEqual(await mistakesIn(withBody, createPost('{"comment":"x","__proto__":{}}')), ['body:/__proto__']);
  });
});

it('reports errors in path, query and body at once', async () => {
  const everything = { ...schemas, body: withBody.body };
  const request = createPost(
    { comment: '', extra: 1 },
    { path: 'x?top=0&nope=1&tenantId=x', params: { incidentId: 'x' } },
  );
  assert.deepEqual(await mistakesIn(everything, request), [
    'body:/comment',
    'body:/extra',
    'path:incidentId',
    'query:nope',
    'query:tenantId',
    'query:top',
  ]);
});

it('says in each error what is expected', async () => {
  const { message, errors } = await refusalOf(schemas, get('top=0'));
  assert.equal(message, 'top: must be a whole number from 1 to 1000.');
  assert.deepEqual(errors, [{ in: 'query', name: 'top', detail: 'must be a whole number from 1 to 1000' }]);
});

describe('Idempotency-Key', () => {
  const withKey = (key: string) =>
    createRequest({ path: 'incidents/7', params: { incidentId: '7' }, headers: { 'idempotency-key': key } });

  it('has 1 to 128 characters', async () => {
    for (const key of ['x', 'x'.repeat(128)])
      assert.equal((await readInput(schemas, withKey(key))).idempotencyKey, key);
    for (const key of ['', 'x'.repeat(129)]) {
      assert.deepEqual((await refusalOf(schemas, withKey(key))).errors, [
        { in: 'header', name: 'Idempotency-Key', detail: 'must have 1 to 128 characters' },
      ]);
    }
  });

  it('has no effect on operations that change nothing', async () => {
    const input = await readInput({ ...schemas, takesIdempotencyKey: false }, withKey(''));
    assert.equal(input.idempotencyKey, undefined);
  });
});
