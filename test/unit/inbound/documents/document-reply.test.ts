import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { docs } from '../../../../functions/documents/docs.ts';
import { openApi } from '../../../../functions/documents/open-api.ts';
import { swagger } from '../../../../functions/documents/swagger.ts';
import { surface } from '../../../../functions/surface.ts';
import { getDocument } from '../../../../shared/inbound/documents/document-cache.ts';
import { createApp } from '../../../../shared/inbound/register.ts';
import { toRegistrations } from '../../../../shared/inbound/registration.ts';
import type { Endpoint } from '../../../../shared/inbound/request-context.ts';
import { call, createRequest, createTestApp } from '../http-call.ts';

const app = createApp(toRegistrations(surface), createTestApp());
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
  it('generates a document once per base URL', () => {
    assert.equal(getDocument(app, 'docs', 'https://one/api'), getDocument(app, 'docs', 'https://one/api'));
    assert.notEqual(getDocument(app, 'docs', 'https://one/api'), getDocument(app, 'docs', 'https://two/api'));
    assert.notEqual(getDocument(app, 'openApi', 'https://one/api'), getDocument(app, 'docs', 'https://one/api'));
  });

  it('keeps at most 24 documents', () => {
    const own = createTestApp();
    const documents = Array.from({ length: 24 }, (_, index) =>
      getDocument(own, 'openApi', `https://${index}.example/api`),
    );
    assert.equal(getDocument(own, 'openApi', 'https://0.example/api'), documents[0]);
    getDocument(own, 'openApi', 'https://24.example/api');
    assert.notEqual(getDocument(own, 'openApi', 'https://0.example/api'), documents[0]);
  });
});
