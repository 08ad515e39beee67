import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import type { Cursor, Page } from '../../../shared/defender/collection.ts';
import { pageOf } from '../../../shared/inbound/page-reply.ts';

const headers = new Headers();
const toNextLink = ({ skip }: Cursor) => `https://contoso.com/api/incidents?filter="x"&skipToken=${skip}`;

function write(page: Page) {
  const { contentType, body = '' } = pageOf(z.looseObject({})).serialize(page, { headers, toNextLink });
  return { contentType, body };
}

test('the last page has no next link', () => {
  const { body, contentType } = write({ text: '[{"a":1}]', next: undefined });
  assert.equal(body, '{"value":[{"a":1}]}');
  assert.equal(contentType, 'application/json; charset=utf-8');
});

test('any other page has one, as JSON text', () => {
  const { body } = write({ text: '[]', next: { skip: 100 } });
  assert.deepEqual(JSON.parse(body), { value: [], nextLink: toNextLink({ skip: 100 }) });
});

test('the text of the list is passed on byte for byte', () => {
  const text = '[ {"n": 1.0, "u": "\\u00fc",\n "n": 9007199254740993} ]';
  assert.ok(write({ text, next: undefined }).body.includes(text));
});
