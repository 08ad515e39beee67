import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseMediaType } from '../../../shared/inbound/accept.ts';

const json = 'application/json';
const csv = 'text/csv';
const ndjson = 'application/x-ndjson';
const choose = (accept: string | undefined) => chooseMediaType(accept, [json, csv, ndjson]);

describe('chooseMediaType', () => {
  it('chooses the first format without an Accept header', () => {
    for (const accept of [undefined, '', ' ']) assert.equal(choose(accept), json);
  });

  it('chooses the named format in any case and with parameters', () => {
    assert.equal(choose('text/csv'), csv);
    assert.equal(choose('Text/CSV; charset=utf-8'), csv);
    assert.equal(choose('text/html, application/x-ndjson'), ndjson);
  });

  it('chooses the first format that a wildcard covers', () => {
    assert.equal(choose('*/*'), json);
    assert.equal(choose('text/*'), csv);
  });

  it('chooses the format with the highest weight', () => {
    assert.equal(choose('application/json;q=0.5, text/csv;q=0.9, application/x-ndjson;q=0.1'), csv);
    assert.equal(choose('*/*;q=0.1, text/csv'), csv);
  });

  it('chooses the first offered format among equal weights', () => {
    assert.equal(choose('application/x-ndjson, text/csv'), csv);
  });

  it('applies the most specific range to each format', () => {
    assert.equal(choose('application/json;q=0, */*'), csv);
    assert.equal(choose('application/*;q=0.2, application/x-ndjson, text/*;q=0.5'), ndjson);
  });

  it('throws 406 that names the formats if the header covers none of them', () => {
    for (const accept of ['text/html', 'application/json;q=0', 'image/*, text/csv;q=0.0']) {
      assert.throws(() => choose(accept), {
        name: 'RequestError',
        status: 406,
        code: 'NotAcceptable',
        message: /application\/json, text\/csv, application\/x-ndjson/,
      });
    }
  });
});
