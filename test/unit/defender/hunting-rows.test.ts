import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalizeRows } from '../../../shared/defender/hunting-rows.ts';
import { runHunting } from './collect-hunting.ts';
import { openDefender } from './open-client.ts';

const schema = [
  { name: 'IsX', type: 'SByte' },
  { name: 'LastSeen', type: 'DateTime' },
  { name: 'Id', type: 'Int64' },
  { name: 'Info', type: 'Object' },
];
const normalize = (...rows: string[]): string[] => rows.map(normalizeRows(schema));

describe('hunting row', () => {
  it('loses OData annotations at every depth', () => {
    const row =
      '{"IsX@odata.type":"#SByte","IsX":1,"Info":{"@odata.type":"#microsoft.graph.security.dynamicColumnValue",' +
      '"Tags@odata.type":"#Collection(String)","Tags":["a",{"B@odata.type":"#Int64","B":2}]}}';
    assert.deepEqual(normalize(row), ['{"IsX":1,"Info":{"Tags":["a",{"B":2}]}}']);
  });

  it('has null for {} in a scalar column, and keeps an empty dynamic value', () => {
    assert.deepEqual(normalize('{"IsX":0,"LastSeen":{},"Info":{"LastSeen":{ }}}', '{"LastSeen": { },"Info":{}}'), [
      '{"IsX":0,"LastSeen":null,"Info":{"LastSeen":{}}}',
      '{"LastSeen":null,"Info":{}}',
    ]);
    assert.deepEqual(normalize('{"LastSeen":{"@odata.type":"#DateTimeOffset"}}'), ['{"LastSeen":null}']);
  });

  it('keeps every digit when it is changed', () => {
    const row = '{"IsX@odata.type":"#SByte","Id":-9223372036854775808,"Info":{"a":[12345678901234567890]}}';
    assert.deepEqual(normalize(row), ['{"Id":-9223372036854775808,"Info":{"a":[12345678901234567890]}}']);
  });

  it('stays as it is otherwise, spaces included', () => {
    const rows = ['{ "IsX" : 1.50, "Info":"{x}" }', '{"Id":9007199254740993}'];
    assert.deepEqual(normalize(...rows), rows);
  });

  it('keeps text that looks like an annotation', () => {
    assert.deepEqual(normalize('{"Info":"\\"x@odata.type\\":{}","LastSeen":"@odata.type"}'), [
      '{"Info":"\\"x@odata.type\\":{}","LastSeen":"@odata.type"}',
    ]);
  });

  it('is renamed when only a later row has annotations', () => {
    assert.deepEqual(normalize('{"isx":1}', '{"isx@odata.type":"#SByte","isx":2}'), ['{"IsX":1}', '{"IsX":2}']);
  });
});

describe('hunting result', () => {
  it('is normalized whether the columns come before or after the rows', async () => {
    const columns = JSON.stringify(schema);
    const results = '[{"IsX@odata.type":"#SByte","IsX":1,"LastSeen":{}}]';
    for (const body of [`{"schema":${columns},"results":${results}}`, `{"results":${results},"schema":${columns}}`]) {
      const { defender } = openDefender({ huntingApi: 'graph', script: [{ body }] });
      assert.deepEqual((await runHunting(defender, { query: 'x' })).rows, ['{"IsX":1,"LastSeen":null}']);
    }
  });
});
