import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readHuntingStream } from '../../../shared/defender/hunting-stream.ts';

/** Reads a text in chunks of `size` characters. */
async function read(text: string, size = 7) {
  async function* arrive(): AsyncGenerator<string> {
    for (let from = 0; from < text.length; from += size) yield text.slice(from, from + size);
  }
  const rows: string[] = [];
  let schema: unknown;
  for await (const part of readHuntingStream('graph', arrive())) {
    if ('row' in part) rows.push(part.row);
    else schema = part.schema;
  }
  return { schema, rows };
}
const schema = [{ name: 'A', type: 'Int64' }];

describe('streamed hunting result', () => {
  test('returns each row in one line', async () => {
    const text = JSON.stringify({ schema, results: [{ A: { B: 'a\nb' } }] }, undefined, 1);
    assert.deepEqual((await read(text)).rows, ['{    "A": {     "B": "a\\nb"    }   }']);
  });

  test('keeps every digit', async () => {
    const text =
      '{ "schema" : [ {"name":"A","type":"Int64"} ] , "results" : [ {"A":9007199254740993} , {"A": -1.50} ] }';
    assert.deepEqual(await read(text), { schema, rows: ['{"A":9007199254740993}', '{"A": -1.50}'] });
  });

  test('has the same parts from both services and in any member order', async () => {
    const stats = '"Stats":{"x":[1,{"y":"}],\\""}]}';
    const columns = '"Schema":[{"Name":"A","Type":"Int64"}]';
    for (const members of [
      [stats, columns, '"Results":[{"A":1}]'],
      ['"Results":[{"A":1}]', stats, columns],
    ])
      assert.deepEqual(await read(`{${members.join()}}`), { schema, rows: ['{"A":1}'] });
  });

  test('accepts a response without results, which has found nothing', async () => {
    assert.deepEqual(await read('{"schema":[]}'), { schema: [], rows: [] });
  });

  for (const text of [
    '',
    '[]',
    '{}',
    '{}{"schema":[],"results":[]}',
    '{"schema":[],"results":[]}]',
    '{"results":[]}',
    '{"schema":1,"results":[]}',
    '{"schema":[],"Schema":[],"results":[]}',
    '{"schema":[],"results":[],"results":[]}',
    '{"schema":[],"results":{}}',
    '{"schema":[],"results":1}',
    '{"schema":[],"results":[1]}',
    '{"schema":[],"results":[{"A":x}]}',
    '{"schema":[],"results":[{"A":"x}',
    '{"schema":[],"results":[{"A":1}',
    '{"schema":[],"results":[{"A":1}]',
  ])
    test(`fails when malformed: ${text || 'empty'}`, async () => {
      await assert.rejects(read(text), { name: 'UpstreamError', failure: 'malformed' });
    });

  test('returns the same rows for any content and any chunking', async () => {
    const row = fc.record({ A: fc.jsonValue() });
    const size = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.constantFrom(undefined, 1), size, async (rows, indent, characters) => {
        const text = JSON.stringify({ schema, results: rows }, undefined, indent);
        const found = (await read(text, characters)).rows.map((each) => JSON.parse(each));
        assert.deepEqual(found, JSON.parse(JSON.stringify(rows)));
      }),
      { seed: 20_261_126 },
    );
  });
});
