import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod/mini';
import { huntingReply } from '../../../functions/hunting/hunting-reply.ts';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import { nonBlank, pageSize } from '../../../shared/inbound/input.ts';
import { pageOf } from '../../../shared/inbound/page-reply.ts';
import { json } from '../../../shared/inbound/reply.ts';
import { homeTenantId, settings } from '../settings.ts';
import { baseUrl, call, createPost, createRequest, createTestApp } from './http-call.ts';

const customerId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const anything = json(z.unknown());

const list = endpoint({
  route: 'GET things',
  summary: 'List things',
  query: z.object({ top: pageSize }),
  reply: pageOf(z.looseObject({})),
  handle: ({ query, cursor = { skip: 0 } }) => ({
    text: JSON.stringify([{ from: cursor.skip }]),
    next: { skip: cursor.skip + query.top },
  }),
});

const change = endpoint({
  route: 'PATCH things/{thingId}',
  summary: 'Change a thing',
  changesDefender: true,
  path: z.object({ thingId: nonBlank }),
  body: z.strictObject({ comment: nonBlank }),
  reply: anything,
  handle: ({ path, body }) => ({ ...path, ...body }),
});

describe('a declared endpoint', () => {
  test('knows its method and route, asks for a key, and acts in a tenant', () => {
    const { method, route, authLevel, hasTenant, changesDefender } = change;
    assert.deepEqual(
      { method, route, authLevel, hasTenant, changesDefender },
      { method: 'PATCH', route: 'things/{thingId}', authLevel: 'function', hasTenant: true, changesDefender: true },
    );
  });

  test('hands its function validated input', async () => {
    const { status, json: body } = await call(change, createPost({ comment: 'x' }, { params: { thingId: '7' } }));
    assert.deepEqual([status, body()], [200, { thingId: '7', comment: 'x' }]);
  });

  test('calls its function only when all of the input is right', async () => {
    const { status, json: problem } = await call(change, createPost({ comment: '' }, { params: { thingId: ' ' } }));
    assert.deepEqual([status, problem().errors.length], [400, 2]);
  });
});

describe('a read-only app', () => {
  const readOnly = () => createTestApp({}, { ...settings, DEFENDER_READ_ONLY: 'true' });

  test('refuses a change first of all, before it looks at the input', async () => {
    const wrong = createPost('no json', { path: 'things/7?nope=1&tenantId=x', headers: {} });
    const { status, json: problem } = await call(change, wrong, readOnly());
    assert.deepEqual([status, problem().code], [403, 'ReadOnly']);
    assert.match(problem().nextStep, /DEFENDER_READ_ONLY/);
  });

  test('goes on reading', async () => assert.equal((await call(list, createRequest(), readOnly())).status, 200));
});

describe('the tenant', () => {
  const who = endpoint({ route: 'GET who', summary: 'x', reply: anything, handle: () => 'served' });

  test('may be one that is served', async () => {
    const app = createTestApp({}, { ...settings, DEFENDER_TENANTS: customerId });
    assert.equal((await call(who, createRequest({ path: `who?tenantId=${customerId}` }), app)).status, 200);
  });

  test('that is not served is 403, and nobody is asked for a token', async () => {
    const app = createTestApp();
    const { status, json: problem } = await call(who, createRequest({ path: `who?tenantId=${customerId}` }), app);
    assert.deepEqual([status, problem().code], [403, 'TenantNotAllowed']);
    assert.deepEqual(app.httpClient.requests, []);
  });

  test('whose domain nobody has is 403 too', async () => {
    const app = createTestApp();
    app.httpClient.queue({ status: 400, body: { error: 'invalid_tenant', error_codes: [90002] } });
    const { status, json: problem } = await call(who, createRequest({ path: 'who?tenantId=nobody.example' }), app);
    assert.deepEqual([status, problem().code], [403, 'TenantNotAllowed']);
  });

  test('is a parameter of operations in a tenant only', async () => {
    const noTenant = endpoint({
      route: 'GET x',
      summary: 'x',
      hasTenant: false,
      reply: anything,
      handle: (context) => ['principal', 'defender'].some((member) => member in context),
    });
    assert.equal((await call(noTenant, createRequest({ path: 'x' }))).json(), false);
    const { json: problem } = await call(noTenant, createRequest({ path: `x?tenantId=${homeTenantId}` }));
    assert.deepEqual(problem().errors, [{ in: 'query', name: 'tenantId', detail: 'unknown parameter' }]);
  });
});

describe('settings that are wrong', () => {
  const broken = () => createTestApp({}, {});

  test('do not keep an anonymous endpoint from answering', async () => {
    const ping = endpoint({
      route: 'GET ping',
      summary: 'x',
      authLevel: 'anonymous',
      hasTenant: false,
      reply: anything,
      handle: ({ app }) => app.version,
    });
    assert.deepEqual((await call(ping, createRequest(), broken())).json(), '1.2.3');
  });

  test('are told by any other, whatever its input', async () => {
    const { status, json: problem } = await call(list, createRequest({ path: 'things?top=0' }), broken());
    assert.deepEqual([status, problem().code, problem().errors.length], [500, 'InvalidConfiguration', 3]);
  });
});

describe('a list', () => {
  test('goes on where its next link says', async () => {
    const first = await call(list, createRequest({ path: 'things?top=5&code=key' }));
    const link: string = first.json().nextLink;
    assert.ok(link.startsWith(`${baseUrl}/things?top=5&skipToken=`) && !link.includes('key'));
    const second = await call(list, createRequest({ path: `${link.slice(baseUrl.length + 1)}&code=key` }));
    assert.deepEqual(second.json().value, [{ from: 5 }]);
  });

  test('refuses a link that was changed', async () => {
    const { nextLink } = (await call(list, createRequest({ path: 'things?top=5' }))).json();
    const changed = nextLink.replace('top=5', 'top=6').slice(baseUrl.length + 1);
    const { status, json: problem } = await call(list, createRequest({ path: changed }));
    assert.deepEqual([status, problem().errors[0].name], [400, 'skipToken']);
  });

  test('gives links as the caller reached it, though TLS ended in front of the app', async () => {
    const request = createRequest({ headers: { 'x-forwarded-proto': 'https' } });
    const inside = new Proxy(request, {
      get: (target, name) =>
        name === 'url' ? target.url.replace('https:', 'http:') : Reflect.get(target, name, target),
    });
    assert.match((await call(list, inside)).json().nextLink, /^https:/);
  });
});

describe('the address of the API', () => {
  for (const [route, path] of [
    ['GET things', 'things?top=1'],
    ['GET things/{thingId}', 'things/7'],
    ['GET things/{thingId}/parts', 'things/a-much-longer-name-than-the-parameter/parts'],
  ] as const) {
    test(`is known to a function with the route ${route}`, async () => {
      const where = endpoint({
        route,
        summary: 'x',
        query: z.object({ top: z.optional(z.string()) }),
        reply: anything,
        handle: (handling) => handling.baseUrl,
      });
      assert.equal((await call(where, createRequest({ path }))).json(), baseUrl);
    });
  }
});

describe('the address of another operation', () => {
  const where = endpoint({
    route: 'POST things/{thingId}/parts',
    summary: 'x',
    reply: anything,
    handle: ({ linkTo }) => linkTo('/parts/7'),
  });
  const linkAt = async (query: string) =>
    (await call(where, createRequest({ method: 'POST', path: `things/7/parts${query}` }))).json();

  test('has neither the key nor a parameter of this one', async () => {
    assert.equal(await linkAt(''), `${baseUrl}/parts/7`);
    assert.equal(await linkAt('?code=s3cret&clientId=x'), `${baseUrl}/parts/7`);
  });

  test('is of the tenant that the caller named', async () => {
    assert.equal(await linkAt(`?code=s3cret&tenantId=${homeTenantId}`), `${baseUrl}/parts/7?tenantId=${homeTenantId}`);
  });
});

test('the format of the answer is agreed before the work is done', async () => {
  const hunt = endpoint({ route: 'POST h', summary: 'x', reply: huntingReply, handle: () => assert.fail('It ran') });
  assert.equal((await call(hunt, createPost({}, { headers: { accept: 'image/png' } }))).status, 406);
});
