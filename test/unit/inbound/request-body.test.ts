import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import library from '@azure/functions';
import { parseBody, readBody } from '../../../shared/inbound/request-body.ts';
import { baseUrl, createPost } from './http-call.ts';

const rules = { bodyTypes: ['application/json', 'application/cloudevents+json'], maxBodyBytes: 1024 * 1024 };

const withType = (contentType: string) => createPost({ comment: 'x' }, { headers: { 'content-type': contentType } });

/** A request as the host passes it on: the body as bytes. */
const sendBytes = (bytes: Buffer) =>
  new library.HttpRequest({
    method: 'POST',
    url: `${baseUrl}/things`,
    headers: { 'content-type': 'application/json' },
    body: { bytes },
  });

const read = async (bytes: Buffer) => parseBody(await readBody(sendBytes(bytes), rules));
const errorOf = (detail: string) => ({ error: { in: 'body', name: '', detail } });

describe('readBody', () => {
  for (const contentType of [
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; charset=utf8; boundary=x',
    'application/cloudevents+json',
  ]) {
    it(`accepts ${contentType}`, async () => {
      assert.equal((await readBody(withType(contentType), rules)).toString(), '{"comment":"x"}');
    });
  }

  for (const contentType of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/merge-patch+json',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    '',
  ]) {
    it(`throws 415 for ${contentType || 'a missing Content-Type'}`, async () => {
      const refusal = { status: 415, code: 'UnsupportedMediaType' };
      await assert.rejects(readBody(withType(contentType), rules), refusal);
    });
  }

  it('limits the body, by Content-Length and by its bytes', async () => {
    const bodyOf = (bytes: number) => JSON.stringify({ comment: 'ü'.repeat((bytes - 14) / 2) });
    assert.equal((await readBody(createPost(bodyOf(1024 * 1024)), rules)).byteLength, 1024 * 1024);

    const announced = { 'content-type': 'application/json', 'content-length': String(1024 * 1024 + 1) };
    for (const request of [createPost(bodyOf(1024 * 1024 + 2)), createPost('{}', { headers: announced })]) {
      const refusal = { status: 413, code: 'RequestTooLarge', message: 'The body is larger than 1024 KiB.' };
      await assert.rejects(readBody(request, rules), refusal);
    }
  });
});

describe('parseBody', () => {
  it('reads UTF-8', async () => {
    assert.deepEqual(await read(Buffer.from('{"comment":"café 🔒"}')), { value: { comment: 'café 🔒' } });
  });

  it('accepts a BOM', async () => {
    assert.deepEqual(await read(Buffer.from('\uFEFF{"comment":"x"}')), { value: { comment: 'x' } });
  });

  it('rejects bytes that are not UTF-8', async () => {
    for (const bytes of [
      Buffer.from('{"comment":"café"}', 'latin1'),
      Buffer.from('{"comment":"x"}', 'utf16le'),
      Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    ]) {
      const result = await read(bytes);
      assert.ok('error' in result && /UTF-8|JSON/.test(result.error.detail), bytes.toString('hex'));
    }
    assert.deepEqual(await read(Buffer.from('"\xfc"', 'latin1')), errorOf('must be valid UTF-8'));
  });

  it('rejects text that is not JSON', async () => {
    for (const text of ['{"comment":', 'no', '\uFEFF', "{'a':1}"]) {
      assert.deepEqual(await read(Buffer.from(text)), errorOf('must be valid JSON'), text);
    }
  });

  it('says for an empty body that the host drops chunked ones', async () => {
    const missing = 'is required, with a Content-Length: the Functions host drops chunked bodies';
    assert.deepEqual(await read(Buffer.alloc(0)), errorOf(missing));
  });
});
