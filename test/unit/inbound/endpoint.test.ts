import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
  role: 'Incident.Read',
  query: z.object({ top: pageSize }),
  reply: pageOf(z.looseObject({})),
  handle: ({ query, cursor = { skip: 0 } }) => ({
    parts: [JSON.stringify([{ from: cursor.skip }])],
    next: { skip: cursor.skip + query.top },
  }),
});

const change = endpoint({
  route: 'PATCH things/{thingId}',
  summary: 'Change a thing',
  role: 'Incident.Read',
  changesDefender: true,
  path: z.object({ thingId: nonBlank }),
  body: z.strictObject({ comment: nonBlank }),
  reply: anything,
  handle: ({ path, body }) => ({ ...path, ...body }),
});

describe('a declared endpoint', () => {
  it('has a method and a route, requires a key and acts in a tenant', () => {
    const { method, route, authLevel, hasTenant, changesDefender } = change;
    assert.deepEqual(
      { method, route, authLevel, hasTenant, changesDefender },
      { method: 'PATCH', route: 'things/{thingId}', authLevel: 'function', hasTenant: true, changesDefender: true },
    );
  });

  it('passes validated input to its handler', async () => {
    const { status, json: body } = await call(change, createPost({ comment: 'x' }, { params: { thingId: '7' } }));
    assert.deepEqual([status, body()], [200, { thingId: '7', comment: 'x' }]);
  });

  it('does not call its handler for invalid input', async () => {
    const { status, json: problem } = await call(change, createPost({ comment: '' }, { params: { thingId: ' ' } }));
    assert.deepEqual([status, problem().errors.length], [400, 2]);
  });
});

describe('read-only mode', () => {
  const readOnly = () => createTestApp({}, { ...settings, DEFENDER_READ_ONLY: 'true' });

  it('refuses a change before its input is validated', async () => {
    const wrong = createPost('no json', { path: 'things/7?nope=1&tenantId=x', headers: {} });
    const { status, json: problem } = await call(change, wrong, readOnly());
    assert.deepEqual([status, problem().code], [403, 'ReadOnly']);
    assert.match(problem().nextStep, /DEFENDER_READ_ONLY/);
  });

  it('allows reads', async () => assert.equal((await call(list, createRequest(), readOnly())).status, 200));
});

describe('tenantId', () => {
  const who = endpoint({
    route: 'GET who',
    summary: 'x',
    role: 'Incident.Read',
    reply: anything,
    handle: () => 'served',
  });

  it('accepts a served tenant', async () => {
    const app = createTestApp({}, { ...settings, DEFENDER_TENANTS: customerId });
    assert.equal((await call(who, createRequest({ path: `who?tenantId=${customerId}` }), app)).status, 200);
  });

  it('returns 403 for a tenant that is not served, without a token request', async () => {
    const app = createTestApp();
    const { status, json: problem } = await call(who, createRequest({ path: `who?tenantId=${customerId}` }), app);
    assert.deepEqual([status, problem().code], [403, 'TenantNotAllowed']);
    assert.deepEqual(app.httpClient.requests, []);
  });

  it('returns 403 for an unknown domain', async () => {
    const app = createTestApp();
    app.httpClient.queue({ status: 400, body: { error: 'invalid_tenant', error_codes: [90002] } });
    const { status, json: problem } = await call(who, createRequest({ path: 'who?tenantId=unknown.example' }), app);
    assert.deepEqual([status, problem().code], [403, 'TenantNotAllowed']);
  });

  it('does not exist for an operation without a tenant, whose handler gets no defender', async () => {
    const noTenant = endpoint({
      route: 'GET x',
      summary: 'x',
      role: 'Incident.Read',
      hasTenant: false,
      reply: anything,
      handle: (context) => ['principal', 'defender'].some((member) => member in context),
    });
    assert.equal((await call(noTenant, createRequest({ path: 'x' }))).json(), false);
    const { json: problem } = await call(noTenant, createRequest({ path: `x?tenantId=${homeTenantId}` }));
    assert.deepEqual(problem().errors, [{ in: 'query', name: 'tenantId', detail: 'unknown parameter' }]);
  });
});

describe('invalid settings', () => {
  const broken = () => createTestApp({}, {});

  it('do not affect an anonymous endpoint', async () => {
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

  it('stop every other endpoint before its input is validated', async () => {
    const { status, json: problem } = await call(list, createRequest({ path: 'things?top=0' }), broken());
    assert.deepEqual([status, problem().code, problem().errors.length], [500, 'InvalidConfiguration', 3]);
  });
});

describe('a list', () => {
  it('continues at its nextLink', async () => {
    const first = await call(list, createRequest({ path: 'things?top=5&code=key' }));
    const link: string = first.json().nextLink;
    assert.ok(link.startsWith(`${baseUrl}/things?top=5&skipToken=`) && !link.includes('key'));
    const second = await call(list, createRequest({ path: `${link.slice(baseUrl.length + 1)}&code=key` }));
    assert.deepEqual(second.json().value, [{ from: 5 }]);
  });

  it('rejects a modified nextLink', async () => {
    const { nextLink } = (await call(list, createRequest({ path: 'things?top=5' }))).json();
    const changed = nextLink.replace('top=5', 'top=6').slice(baseUrl.length + 1);
    const { status, json: problem } = await call(list, createRequest({ path: changed }));
    assert.deepEqual([status, problem().errors[0].name], [400, 'skipToken']);
  });

  it('returns https links if TLS is terminated in front of the app', async () => {
    const request = createRequest({ headers: { 'x-forwarded-proto': 'https' } });
    const inside = new Proxy(request, {
      get: (target, name) =>
        name === 'url' ? target.url.replace('https:', 'http:') : Reflect.get(target, name, target),
    });
    assert.match((await call(list, inside)).json().nextLink, /^https:/);
  });
});

it('returns 406 before the handler runs', async () => {
  const hunt = endpoint({
    route: 'POST h',
    summary: 'x',
    role: 'Incident.Read',
    reply: huntingReply,
    handle: () => assert.fail('It ran'),
  });
  assert.equal((await call(hunt, createPost({}, { headers: { accept: 'image/png' } }))).status, 406);
});
