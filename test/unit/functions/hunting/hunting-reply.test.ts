import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Hunt, huntingReply } from '../../../../functions/hunting/hunting-reply.ts';
import type { HuntingColumn } from '../../../../shared/defender/hunting-result.ts';
import type { HuntingPart } from '../../../../shared/defender/hunting-stream.ts';

const toNextLink = () => assert.fail('A hunting result has no next page');

interface Result {
  schema: HuntingColumn[];
  rows: string[];
}

async function* toParts({ schema, rows }: Result): AsyncGenerator<HuntingPart> {
  yield { schema };
  for (const row of rows) yield { row };
}

async function write(result: Result, accept?: string) {
  const headers = new Headers(accept === undefined ? {} : { accept });
  const hunt: Hunt = {
    async read(consume) {
      // The first attempt breaks off.
      await consume(toParts({ ...result, rows: result.rows.slice(0, 1) }));
      await consume(toParts(result));
    },
  };
  const { contentType, stream = [] } = await huntingReply.serialize(hunt, { headers, toNextLink });
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return { contentType, body: Buffer.concat(pieces).toString() };
}

const oneColumn = (...values: unknown[]): Result => ({
  schema: [{ name: 'A', type: 'String' }],
  rows: values.map((A) => JSON.stringify({ A })),
});

/** The lines of a CSV of one column, without its header. */
const fieldsOf = async (...values: unknown[]): Promise<string[]> =>
  (await write(oneColumn(...values), 'text/csv')).body.split('\r\n').slice(1, -1);

describe('hunting result as JSON', () => {
  it('has its schema and its rows', async () => {
    const result = oneColumn('x', 1, null, { a: [1] });
    const { contentType, body } = await write(result);
    assert.equal(contentType, 'application/json; charset=utf-8');
    assert.deepEqual(JSON.parse(body), {
      schema: result.schema,
      results: [{ A: 'x' }, { A: 1 }, { A: null }, { A: { a: [1] } }],
    });
  });
});

describe('hunting result as NDJSON', () => {
  it('has a line for each row, each with a line break', async () => {
    const { contentType, body } = await write(oneColumn('a\nb', 1), 'application/x-ndjson');
    assert.equal(contentType, 'application/x-ndjson');
    assert.equal(body, '{"A":"a\\nb"}\n{"A":1}\n');
  });

  it('contains nothing without rows', async () =>
    assert.equal((await write(oneColumn(), 'application/x-ndjson')).body, ''));
});

describe('hunting result as CSV', () => {
  it('has a header and its columns in order, with CRLF and no byte order mark', async () => {
    const result: Result = {
      schema: ['B', 'A', 'C'].map((name) => ({ name, type: 'String' })),
      rows: ['{"A":"a","B":"b","C":1}', '{"C":true,"A":"ü"}'],
    };
    const { contentType, body } = await write(result, 'text/csv');
    assert.equal(contentType, 'text/csv; charset=utf-8');
    assert.equal(body, 'B,A,C\r\nb,a,1\r\n,ü,true\r\n');
  });

  it('has only a header without rows', async () => assert.equal((await write(oneColumn(), 'text/csv')).body, 'A\r\n'));

  it('quotes fields with commas, quotes or line breaks, and doubles their quotes', async () => {
    assert.deepEqual(await fieldsOf('a,b', 'say "hi"', 'plain text'), ['"a,b"', '"say ""hi"""', 'plain text']);
    assert.equal((await write(oneColumn('a\r\nb'), 'text/csv')).body, 'A\r\n"a\r\nb"\r\n');
    assert.equal((await write(oneColumn('a\nb'), 'text/csv')).body, 'A\r\n"a\nb"\r\n');
  });

  it('prefixes text that a spreadsheet would run with an apostrophe', async () => {
    assert.deepEqual(await fieldsOf('=1+1', '+1', '-1', '@SUM(A1)', '\t=1'), [
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      '"\'\t=1"',
    ]);
    assert.deepEqual(await fieldsOf('\r=1', '=HYPERLINK("http://x","y")'), [
      '"\'\r=1"',
      '"\'=HYPERLINK(""http://x"",""y"")"',
    ]);
    assert.deepEqual(await fieldsOf('a=1', "'=1"), ['a=1', "'=1"]);
  });

  it('prefixes a formula in full-width characters, or after white space and control characters', async () => {
    assert.deepEqual(await fieldsOf('＝1+1', '＋1', '－1', '＠SUM(A1)', '\u200b=1', '\u0000=1'), [
      "'＝1+1",
      "'＋1",
      "'－1",
      "'＠SUM(A1)",
      "'\u200b=1",
      "'\u0000=1",
    ]);
    assert.deepEqual(await fieldsOf(' =1', '\u00a0 @x', '\ufeff=1'), ["' =1", "'\u00a0 @x", "'\ufeff=1"]);
  });

  it('quotes text that a spreadsheet could split', async () => {
    assert.deepEqual(await fieldsOf("x;=cmd|'/c calc'!A1", 'a|b', 'a\tb', 'a\u2028b', 'a ', ' a'), [
      `"x;=cmd|'/c calc'!A1"`,
      '"a|b"',
      '"a\tb"',
      '"a\u2028b"',
      '"a "',
      '" a"',
    ]);
  });

  it('prefixes the name of a column too', async () => {
    const result: Result = { schema: [{ name: '=1+1', type: 'Int64' }], rows: ['{"=1+1":2}'] };
    assert.equal((await write(result, 'text/csv')).body, "'=1+1\r\n2\r\n");
  });

  it('writes negative numbers as numbers', async () =>
    assert.deepEqual(await fieldsOf(-1, 0.5, 1e21), ['-1', '0.5', '1e+21']));

  it('writes objects and lists as JSON', async () => {
    assert.deepEqual(await fieldsOf({ a: 1 }, ['x', 'y'], [1]), ['"{""a"":1}"', '"[""x"",""y""]"', '[1]']);
  });

  it('keeps every digit of a number', async () => {
    const result: Result = {
      schema: ['Id', 'Of'].map((name) => ({ name, type: 'Int64' })),
      rows: ['{"Id":-9223372036854775807,"Of":{"a":[12345678901234567890]}}'],
    };
    const { body } = await write(result, 'text/csv');
    assert.equal(body, 'Id,Of\r\n-9223372036854775807,"{""a"":[12345678901234567890]}"\r\n');
  });

  it('writes null as an empty field', async () => assert.deepEqual(await fieldsOf(null, undefined, ''), ['', '', '']));
});

it('hunting result rejects an unknown format before the query runs', () => {
  assert.throws(() => huntingReply.requireAcceptable?.('application/xml'), { status: 406, code: 'NotAcceptable' });
});
