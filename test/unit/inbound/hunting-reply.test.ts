import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HuntingResult } from '../../../shared/defender/hunting-result.ts';
import { huntingReply } from '../../../shared/inbound/hunting-reply.ts';

const noLink = () => assert.fail('A hunting result has no next page');
function write(result: HuntingResult, accept?: string) {
  const { contentType, body = '' } = huntingReply.negotiate(accept)(result, noLink);
  return { contentType, body };
}

const oneColumn = (...values: unknown[]): HuntingResult => ({
  schema: [{ name: 'A', type: 'String' }],
  results: values.map((A) => ({ A })),
});

/** The lines of a CSV of one column, less its header. */
const fieldsOf = (...values: unknown[]): string[] =>
  write(oneColumn(...values), 'text/csv')
    .body.split('\r\n')
    .slice(1, -1);

describe('as JSON', () => {
  test('a result has its schema and its rows', () => {
    const result = oneColumn('x', 1, null, { a: [1] });
    const { contentType, body } = write(result);
    assert.equal(contentType, 'application/json; charset=utf-8');
    assert.deepEqual(JSON.parse(body), result);
  });
});

describe('as NDJSON', () => {
  test('a result is a line for each row, each of them ended', () => {
    const { contentType, body } = write(oneColumn('a\nb', 1), 'application/x-ndjson');
    assert.equal(contentType, 'application/x-ndjson');
    assert.equal(body, '{"A":"a\\nb"}\n{"A":1}\n');
  });

  test('a result without rows is empty', () => assert.equal(write(oneColumn(), 'application/x-ndjson').body, ''));
});

describe('as CSV', () => {
  test('a result has a header and its columns in order, with CRLF and no byte order mark', () => {
    const result: HuntingResult = {
      schema: ['B', 'A', 'C'].map((name) => ({ name, type: 'String' })),
      results: [
        { A: 'a', B: 'b', C: 1 },
        { C: true, A: 'ü' },
      ],
    };
    const { contentType, body } = write(result, 'text/csv');
    assert.equal(contentType, 'text/csv; charset=utf-8');
    assert.equal(body, 'B,A,C\r\nb,a,1\r\n,ü,true\r\n');
  });

  test('a result without rows is its header', () => assert.equal(write(oneColumn(), 'text/csv').body, 'A\r\n'));

  test('fields with commas, quotes or line breaks are quoted, and their quotes doubled', () => {
    assert.deepEqual(fieldsOf('a,b', 'say "hi"', 'plain text'), ['"a,b"', '"say ""hi"""', 'plain text']);
    assert.equal(write(oneColumn('a\r\nb'), 'text/csv').body, 'A\r\n"a\r\nb"\r\n');
    assert.equal(write(oneColumn('a\nb'), 'text/csv').body, 'A\r\n"a\nb"\r\n');
  });

  test('a text that a spreadsheet would run gets an apostrophe', () => {
    assert.deepEqual(fieldsOf('=1+1', '+1', '-1', '@SUM(A1)', '\t=1'), ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1"]);
    assert.deepEqual(fieldsOf('\r=1', '=HYPERLINK("http://x","y")'), [
      '"\'\r=1"',
      '"\'=HYPERLINK(""http://x"",""y"")"',
    ]);
    assert.deepEqual(fieldsOf('a=1', ' =1', "'=1"), ['a=1', ' =1', "'=1"]);
  });

  test('a column that a query named like a formula gets one too', () => {
    const result: HuntingResult = { schema: [{ name: '=1+1', type: 'Int64' }], results: [{ '=1+1': 2 }] };
    assert.equal(write(result, 'text/csv').body, "'=1+1\r\n2\r\n");
  });

  test('a number is no text, even below zero', () => assert.deepEqual(fieldsOf(-1, 0.5, 1e21), ['-1', '0.5', '1e+21']));

  test('objects and lists are JSON', () => {
    assert.deepEqual(fieldsOf({ a: 1 }, ['x', 'y'], [1]), ['"{""a"":1}"', '"[""x"",""y""]"', '[1]']);
  });

  test('null is an empty field', () => assert.deepEqual(fieldsOf(null, undefined, ''), ['', '', '']));
});

test('a format that it does not have is refused before the query runs', () => {
  assert.throws(() => huntingReply.negotiate('application/xml'), { status: 406, code: 'NotAcceptable' });
});
