import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertStatus, problemOf } from './replies.ts';

const { cloud, call } = await useApp();

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A reply of every kind: results, refusals of ours and of the services behind, with and without a key. */
const everyKind = async () =>
  await Promise.all([
    call('GET /incidents?top=1'),
    call('GET /incidents/1'),
    call('GET /incidents?top=0'),
    call('GET /incidents?tenantId=unknown.example'),
    call('POST /hunting', { json: { query: 'AlertInfo | take 1' }, headers: { accept: 'text/csv' } }),
    call('POST /hunting', { json: { query: 'Nonsense' } }),
    call('GET /health'),
    call('GET /ping', { withKey: false }),
    call('GET /openapi.json', { withKey: false }),
    call('GET /swagger.json', { withKey: false }),
  ]);

describe('every reply', () => {
  it('has Cache-Control, nosniff and a UTF-8 content type', async () => {
    for (const { headers } of await everyKind()) {
      const isDocument = headers.has('etag');
      assert.equal(headers.get('cache-control'), isDocument ? 'public, max-age=300' : 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.match(headers.get('content-type') ?? '', /^[a-z/+]+; charset=utf-8$/);
    }
  });

  it('has a request id, which a problem repeats', async () => {
    const replies = await everyKind();
    const ids = replies.map(({ headers }) => headers.get('x-ms-request-id') ?? '');
    for (const id of ids) assert.match(id, uuid);
    assert.equal(new Set(ids).size, ids.length);
    const refused = replies.filter(({ status }) => status >= 400);
    assert.equal(refused.length, 4);
    for (const reply of refused) problemOf(reply);
  });
});

describe('the client request id', () => {
  const id = '~caller #1 {a}';
  const headers = { 'x-ms-client-request-id': id };

  it('is echoed, in problems too', async () => {
    for (const request of ['GET /ping', 'GET /incidents?top=0', 'GET /incidents?top=1'] as const) {
      assert.equal((await call(request, { headers })).headers.get('x-ms-client-request-id'), id);
    }
  });

  it('is sent to the services behind the app', async () => {
    await call('GET /incidents?top=1', { headers });
    await call('POST /hunting', { headers, json: { query: 'AlertInfo | count' } });
    assert.equal(cloud.calls.of('defenderXdr')[0]?.headers['x-ms-client-request-id'], id);
    assert.equal(cloud.calls.of('graph')[0]?.headers['client-request-id'], id);
  });

  it('is generated when it is missing, too long or not printable ASCII', async () => {
    for (const given of [undefined, 'x'.repeat(129), 'naïve', '']) {
      const sent = given === undefined ? {} : { 'x-ms-client-request-id': given };
      const reply = await call('GET /incidents?top=1', { headers: sent });
      assert.match(reply.headers.get('x-ms-client-request-id') ?? '', uuid);
    }
    const longest = 'x'.repeat(128);
    const reply = await call('GET /ping', { headers: { 'x-ms-client-request-id': longest } });
    assert.equal(reply.headers.get('x-ms-client-request-id'), longest);
  });
});

describe('the function key', () => {
  const guarded = ['GET /incidents', 'GET /incidents/1', 'PATCH /incidents/1', 'POST /hunting', 'GET /health'] as const;

  it('is required by every operation that is not anonymous', async () => {
    for (const request of guarded) assertStatus(await call(request, { withKey: false }), 401);
    for (const request of ['GET /ping', 'GET /openapi.json', 'GET /swagger.json'] as const) {
      assertStatus(await call(request, { withKey: false }), 200);
    }
    assert.equal(cloud.calls.all.length, 0);
  });
});
