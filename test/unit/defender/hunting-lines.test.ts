import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readHuntingLines } from '../../../shared/defender/hunting-lines.ts';

const read = (text: string) => {
  const { schema, rows } = readHuntingLines('graph', text);
  return { schema, rows: [...rows] };
};
const schema = [{ name: 'A', type: 'Int64' }];

describe('a hunting result, row by row', () => {
  test('keeps every digit of a row', () => {
    const text =
      '{ "schema" : [ {"name":"A","type":"Int64"} ] , "results" : [ {"A":9007199254740993} , {"A": -1.50} ] }';
    assert.deepEqual(read(text), { schema, rows: ['{"A":9007199254740993}', '{"A": -1.50}'] });
  });

  test('is the same in the envelope of the older service', () => {
    const text = '{"Stats":{"x":[1,{"y":"}]"}]},"Schema":[{"Name":"A","Type":"Int64"}],"Results":[{"A":1}]}';
    assert.deepEqual(read(text), { schema, rows: ['{"A":1}'] });
  });

  test('spells members as the columns are', () => {
    assert.deepEqual(read('{"schema":[{"name":"A","type":"Int64"}],"results":[{"a":1}]}').rows, ['{"A":1}']);
  });

  for (const text of [
    '',
    '[]',
    '{}',
    '{"schema":[]}',
    '{"schema":[],"results":{}}',
    '{"schema":[],"results":[1]}',
    '{"schema":[],"results":[{"A":"x}',
    '{"schema":[],"results":[{"A":1}',
  ])
    test(`is refused when it is ${text || 'nothing'}`, () => {
      assert.throws(() => read(text), { name: 'UpstreamError', failure: 'malformed' });
    });

  test('has the rows that it had, whatever they hold', () => {
    const row = fc.record({ A: fc.jsonValue() });
    fc.assert(
      fc.property(fc.array(row), fc.constantFrom(undefined, 1), (rows, indent) => {
        const text = JSON.stringify({ schema, results: rows }, undefined, indent);
        assert.deepEqual(
          read(text).rows.map((each) => JSON.parse(each)),
          JSON.parse(JSON.stringify(rows)),
        );
      }),
      { seed: 20_261_126 },
    );
  });
});
