import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { docs } from '../../../../functions/documents/docs.ts';
import { openApi } from '../../../../functions/documents/open-api.ts';
import { swagger } from '../../../../functions/documents/swagger.ts';
import { surface } from '../../../../functions/surface.ts';
import type { Endpoint } from '../../../../shared/inbound/app.ts';
import { getDocument } from '../../../../shared/inbound/documents/document-reply.ts';
import { createApp } from '../../../../shared/inbound/register.ts';
import { call, createRequest, createTestApp } from '../http-call.ts';

const app = createApp(surface, createTestApp());
const documents: Record<string, Endpoint> = { 'openapi.json': openApi, 'swagger.json': swagger, docs };
const get = (path: string, headers: Record<string, string> = {}) =>
  call(documents[path] ?? assert.fail(path), createRequest({ path, headers }), app);

for (const path of Object.keys(documents)) {
  describe(`GET ${path}`, () => {
    it('may be cached for five minutes and has an ETag', async () => {
      const { status, headers } = await get(path);
      assert.deepEqual([status, headers.get('cache-control')], [200, 'public, max-age=300']);
      assert.match(headers.get('etag') ?? '', /^"[\w-]{22}"$/);
    });

    it('returns 304 without a body when If-None-Match names the ETag', async () => {
      const etag = (await get(path)).headers.get('etag') ?? '';
      for (const value of [etag, `"other", W/${etag}`, '*']) {
        const { status, headers, text } = await get(path, { 'if-none-match': value });
        assert.deepEqual([status, headers.get('etag'), text], [304, etag, ''], value);
      }
      assert.equal((await get(path, { 'if-none-match': '"other"' })).status, 200);
    });

    it('has another ETag under another base URL', async () => {
      const { headers, text } = await get(path, { 'x-forwarded-proto': 'https' });
      const other = await call(
        documents[path] ?? assert.fail(path),
        createRequest({ path: `v2/${path}`, headers: {} }),
        app,
      );
      assert.notEqual(other.headers.get('etag'), headers.get('etag'));
      assert.notEqual(other.text, text);
    });
  });
}

describe('getDocument', () => {
  const create = (name: string, baseUrl: string, count: { generated: number }) =>
    getDocument({ app: owner, name, baseUrl }, async () => {
      count.generated++;
      return { body: baseUrl, headers: {} };
    });
  const owner = createTestApp();

  it('generates a document once for concurrent and later requests', async () => {
    const count = { generated: 0 };
    await Promise.all([create('a', 'https://one', count), create('a', 'https://one', count)]);
    await create('a', 'https://one', count);
    assert.equal(count.generated, 1);
  });

  it('keeps at most 24 documents', async () => {
    const count = { generated: 0 };
    for (let host = 0; host < 24; host++) await create('b', `https://${host}`, count);
    await create('b', 'https://23', count);
    assert.equal(count.generated, 24);
    await create('b', 'https://24', count);
    await create('b', 'https://0', count);
    assert.equal(count.generated, 26);
  });

  it('generates a document again after a failure', async () => {
    const failing = getDocument({ app: owner, name: 'c', baseUrl: '' }, () => Promise.reject(new Error('broken')));
    await assert.rejects(failing, /broken/);
    const { body } = await getDocument({ app: owner, name: 'c', baseUrl: '' }, async () => ({
      body: 'x',
      headers: {},
    }));
    assert.equal(body, 'x');
  });
});
