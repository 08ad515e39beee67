import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseMediaType } from '../../../shared/inbound/accept.ts';

const json = 'application/json';
const csv = 'text/csv';
const ndjson = 'application/x-ndjson';
const choose = (accept: string | undefined) => chooseMediaType(accept, [json, csv, ndjson]);

test('without an Accept header the first format is answered', () => {
  for (const accept of [undefined, '', ' ']) assert.equal(choose(accept), json);
});

test('the format that is named is answered, in any case and with parameters', () => {
  assert.equal(choose('text/csv'), csv);
  assert.equal(choose('Text/CSV; charset=utf-8'), csv);
  assert.equal(choose('text/html, application/x-ndjson'), ndjson);
});

test('a wildcard takes the first format that it covers', () => {
  assert.equal(choose('*/*'), json);
  assert.equal(choose('text/*'), csv);
});

test('the heaviest weight wins, wherever it stands', () => {
  assert.equal(choose('application/json;q=0.5, text/csv;q=0.9, application/x-ndjson;q=0.1'), csv);
  assert.equal(choose('*/*;q=0.1, text/csv'), csv);
});

test('of equal weights the first format offered wins', () => {
  assert.equal(choose('application/x-ndjson, text/csv'), csv);
});

test('the most specific range decides on a format', () => {
  assert.equal(choose('application/json;q=0, */*'), csv);
  assert.equal(choose('application/*;q=0.2, application/x-ndjson, text/*;q=0.5'), ndjson);
});

test('an Accept header that covers no format is 406, and the detail names them', () => {
  for (const accept of ['text/html', 'application/json;q=0', 'image/*, text/csv;q=0.0']) {
    assert.throws(() => choose(accept), {
      name: 'RequestError',
      status: 406,
      code: 'NotAcceptable',
      message: /application\/json, text\/csv, application\/x-ndjson/,
    });
  }
});
