import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import type { Cursor, Page } from '../../../shared/defender/collection.ts';
import { pageOf } from '../../../shared/inbound/page-reply.ts';

const headers = new Headers();
const toNextLink = async ({ skip }: Cursor) => `https://contoso.com/api/incidents?filter="x"&skipToken=${skip}`;

async function write(page: Page) {
  const { contentType, parts = [] } = await pageOf(z.looseObject({})).serialize(page, { headers, toNextLink });
  return { contentType, body: parts.join('') };
}

describe('pageOf', () => {
  it('has no nextLink on the last page', async () => {
    const { body, contentType } = await write({ parts: ['[', '{"a":1}]'], next: undefined });
    assert.equal(body, '{"value":[{"a":1}]}');
    assert.equal(contentType, 'application/json; charset=utf-8');
  });

  it('has a nextLink on every other page', async () => {
    const { body } = await write({ parts: ['[]'], next: { skip: 100 } });
    assert.deepEqual(JSON.parse(body), { value: [], nextLink: await toNextLink({ skip: 100 }) });
  });

  it("passes the service's text through byte for byte", async () => {
    const text = '[ {"n": 1.0, "u": "\\u00fc",\n "n": 9007199254740993} ]';
    assert.ok((await write({ parts: [text], next: undefined })).body.includes(text));
  });
});
