import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { CallOptions } from './call.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

const { cloud, call } = await useApp();
const incidentId = cloud.securityOf(cloud.world.home.id).incidents.all()[0]?.incidentId;

/** The location and name of every error in a reply. */
async function mistakesOf(request: `${string} ${string}`, options?: CallOptions): Promise<string[]> {
  const { errors = [], detail } = assertProblem(await call(request, options), 400, 'InvalidRequest');
  for (const error of errors) {
    assert.notEqual(error.detail, '');
    assert.ok(detail.includes(error.detail), detail);
  }
  return errors.map((error) => `${error.in} ${error.name}`);
}

const update = (json: unknown) => mistakesOf(`PATCH /incidents/${incidentId}`, { json });
const hunt = (json: unknown) => mistakesOf('POST /hunting', { json });

describe('an invalid request', () => {
  // Validation makes no upstream calls.
  afterEach(() => assert.equal(cloud.calls.all.length, 0));

  it('gets all errors at once', async () => {
    assert.deepEqual(
      (await mistakesOf('GET /incidents?top=0&status=open&createdSince=yesterday&color=red&tenantId=1')).sort(),
      ['query color', 'query createdSince', 'query status', 'query tenantId', 'query top'],
    );
    assert.deepEqual(
      (await mistakesOf('PATCH /incidents/x?a=1', { json: { status: 'open', tags: [1, ' '], size: 1 } })).sort(),
      ['body /size', 'body /status', 'body /tags/0', 'body /tags/1', 'path incidentId', 'query a'],
    );
  });

  it('has an unknown query parameter', async () => {
    assert.deepEqual(await mistakesOf('GET /incidents?state=new'), ['query state']);
    assert.deepEqual(await mistakesOf('GET /ping?x=1'), ['query x']);
    assert.deepEqual(await mistakesOf(`GET /incidents/${incidentId}?skipToken=x`), ['query skipToken']);
    assert.deepEqual(await mistakesOf('GET /openapi.json?tenantId=contoso.com'), ['query tenantId']);
  });

  it('has a page size out of range', async () => {
    for (const top of ['0', '1001', '-1', '1.5', 'ten', '1e2', '1&top=2']) {
      assert.deepEqual(await mistakesOf(`GET /incidents?top=${top}`), ['query top'], top);
    }
  });

  it('has an instant without an offset or an impossible one', async () => {
    for (const at of [
      '2026-11-20',
      '2026-11-20T10:00:00',
      '2026-02-30T10:00:00Z',
      '2026-11-20T25:00:00Z',
      '1700000000',
    ]) {
      assert.deepEqual(await mistakesOf(`GET /incidents?updatedSince=${at}`), ['query updatedSince'], at);
    }
  });

  it('has an empty value', async () => {
    assert.deepEqual(await mistakesOf('GET /incidents?status=&assignedTo=%20'), ['query status', 'query assignedTo']);
    assert.deepEqual(await mistakesOf('GET /incidents?severity=High,'), ['query severity']);
  });

  it('changes nothing, or a member that cannot be changed', async () => {
    assert.deepEqual(await update({}), ['body ']);
    assert.deepEqual(await update({ tags: [], severity: 'High', 'a/b~c': 1 }), ['body /severity', 'body /a~1b~0c']);
    assert.deepEqual(await update({ status: 'New' }), ['body /status']);
    assert.deepEqual(await update({ status: null, assignedTo: 1, comment: ' ' }), [
      'body /status',
      'body /assignedTo',
      'body /comment',
    ]);
  });

  it('has no query, or an unknown member', async () => {
    assert.deepEqual(await hunt({}), ['body /query']);
    assert.deepEqual(await hunt({ query: ' ' }), ['body /query']);
    assert.deepEqual(await hunt({ query: 'AlertInfo', timespan: '7d', Query: 'x' }), ['body /timespan', 'body /Query']);
  });

  it('has a body that is not a JSON object', async () => {
    for (const json of [[], 'text', 1, null]) assert.deepEqual(await hunt(json), ['body '], JSON.stringify(json));
    const headers = { 'content-type': 'application/json' };
    assert.deepEqual(await mistakesOf('POST /hunting', { headers, body: '{"query":' }), ['body ']);
    assert.deepEqual(await mistakesOf('POST /hunting'), ['body ']);
  });

  it('gets the expected type of a value', async () => {
    const json = { status: 1, assignedTo: null, tags: 'x', comment: {} };
    const { errors = [] } = assertProblem(await call('PATCH /incidents/1', { json }), 400, 'InvalidRequest');
    assert.deepEqual(
      errors.map(({ name }) => name),
      ['/status', '/assignedTo', '/comment', '/tags'],
    );
    for (const { name, detail } of errors) assert.match(detail, /^must be /, name);
  });

  it('has lost a chunked body, which the reply explains', async () => {
    const body = new Blob([JSON.stringify({ query: 'AlertInfo' })]).stream();
    const reply = await call('POST /hunting', { headers: { 'content-type': 'application/json' }, body });
    const { errors } = assertProblem(reply, 400, 'InvalidRequest');
    assert.match(errors?.[0]?.detail ?? '', /Content-Length.*chunked/);
  });

  it('is 415 when the content type is not JSON', async () => {
    const body = JSON.stringify({ query: 'AlertInfo' });
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const reply = await call('POST /hunting', { headers: { 'content-type': type }, body });
      assertProblem(reply, 415, 'UnsupportedMediaType');
    }
  });

  it('is 413 when the body is over 1 MiB', async () => {
    const wrapping = JSON.stringify({ query: '' }).length;
    const reply = await call('POST /hunting', { json: { query: 'x'.repeat(1024 * 1024 - wrapping + 1) } });
    assertProblem(reply, 413, 'RequestTooLarge');
  });
});

describe('a valid request', () => {
  it('may declare a charset, in any case', async () => {
    const body = JSON.stringify({ query: 'AlertInfo | count' });
    const headers = { 'content-type': 'Application/JSON; charset=UTF-8' };
    assertStatus(await call('POST /hunting', { headers, body }), 200);
  });

  it('may have a body of 1 MiB', async () => {
    const body = JSON.stringify({ query: 'AlertInfo | count' }).padEnd(1024 * 1024);
    const headers = { 'content-type': 'application/json' };
    assertStatus(await call('POST /hunting', { headers, body }), 200);
  });

  it('may have the query parameters of the host', async () => {
    assertStatus(await call('GET /incidents?top=1&code=x&clientId=y'), 200);
  });
});
