import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { switchOnFault } from '../sandbox/named-faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, huntOf } from './replies.ts';

const { cloud, call, startBeside } = await useApp();

const hunt = (query: string, headers: Readonly<Record<string, string>> = {}) =>
  call('POST /hunting', { json: { query }, headers });

/** Rows that no sandbox has: of every kind that a spreadsheet or a careless writer would stumble over. */
function answerRows(rows: readonly Record<string, unknown>[]): void {
  const schema = Object.keys(rows[0] ?? {}).map((name) => ({ name, type: 'String' }));
  cloud.faults.add({ service: 'graph', effect: replyWith(json(200, { schema, results: rows })) });
}

describe('runHuntingQuery', () => {
  it('returns the columns and rows of a query', async () => {
    const { schema, results } = huntOf(await hunt('AlertInfo | summarize count() by Severity | top 2 by count_'));
    assert.deepEqual(schema, [
      { name: 'Severity', type: 'String' },
      { name: 'count_', type: 'Int64' },
    ]);
    assert.equal(results.length, 2);
    assert.deepEqual(Object.keys(results[0] ?? {}), ['Severity', 'count_']);
  });

  it('returns one shape from both services, however the envelope is spelled', async (t) => {
    const query = 'DeviceProcessEvents | take 3 | project DeviceName, FileName, ProcessId';
    const expected = huntOf(await hunt(query));
    cloud.behavior.huntingEnvelope = 'mixed';
    assert.deepEqual(huntOf(await hunt(query)), expected);
    const older = await startBeside({ DEFENDER_HUNTING_API: 'xdr' });
    t.after(() => older.stop());
    assert.deepEqual(huntOf(await older.call('POST /hunting', { json: { query } })), expected);
    assert.equal(cloud.calls.all.at(-1)?.path, '/api/advancedhunting/run');
  });

  it('limits the query to the timespan', async () => {
    const query = 'AlertInfo | count';
    const countIn = async (timespan: string) =>
      huntOf(await call('POST /hunting', { json: { query, timespan } })).results[0]?.Count;
    assert.ok(Number(await countIn('P1D')) < Number(await countIn('P30D')));
    assert.equal(await countIn('2020-01-01/2020-01-02'), 0);
    assert.deepEqual(
      cloud.calls.of('graph').map(({ body }) => body?.Timespan),
      ['P1D', 'P30D', '2020-01-01/2020-01-02'],
    );
  });

  it('rejects a timespan with the older service', async (t) => {
    const older = await startBeside({ DEFENDER_HUNTING_API: 'xdr' });
    t.after(() => older.stop());
    const reply = await older.call('POST /hunting', { json: { query: 'AlertInfo', timespan: 'P1D' } });
    assert.partialDeepStrictEqual(assertProblem(reply, 400, 'InvalidRequest').errors, [
      { in: 'body', name: '/timespan' },
    ]);
    assert.equal(cloud.calls.all.length, 0);
  });

  it('returns CSV (RFC 4180) without formulas', async () => {
    answerRows([
      { Name: 'plain', Text: 'a "quote", and\nmore', Formula: '=cmd()', Number: -5, Bag: { a: [1, 'x'] }, Empty: null },
      { Name: 'ünï', Text: '', Formula: '@SUM(1)', Number: 1.5, Bag: [], Empty: null },
      { Name: '\ttab', Text: '+1', Formula: '-1', Number: 0, Bag: true, Empty: null },
    ]);
    const reply = await hunt('AlertInfo', { accept: 'text/csv' });
    assertStatus(reply, 200);
    assert.match(reply.headers.get('content-type') ?? '', /^text\/csv; *charset=utf-8$/i);
    assert.equal(
      reply.text,
      [
        'Name,Text,Formula,Number,Bag,Empty',
        `plain,"a ""quote"", and\nmore",'=cmd(),-5,"{""a"":[1,""x""]}",`,
        "ünï,,'@SUM(1),1.5,[],",
        `"'\ttab",'+1,'-1,0,true,`,
        '',
      ].join('\r\n'),
    );
  });

  it('returns NDJSON, one row a line', async () => {
    const rows = [
      { Name: 'a\nb', Count: 1 },
      { Name: 'c', Count: null },
    ];
    answerRows(rows);
    const reply = await hunt('AlertInfo', { accept: 'application/x-ndjson' });
    assert.match(reply.headers.get('content-type') ?? '', /^application\/x-ndjson\b/);
    assert.equal(reply.text, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  });

  it('returns the format that Accept prefers', async () => {
    for (const [accept, type] of [
      ['*/*', 'application/json'],
      ['text/*;q=0.5, application/x-ndjson', 'application/x-ndjson'],
      ['application/json;q=0.1, text/csv;q=0.9', 'text/csv'],
      ['application/xml, */*;q=0.1', 'application/json'],
      ['TEXT/CSV', 'text/csv'],
    ] as const) {
      const reply = await hunt('AlertInfo | take 1', { accept });
      assert.equal(reply.headers.get('content-type')?.split(';')[0], type, accept);
    }
  });

  it('returns 406 for an unsupported Accept, without running the query', async () => {
    assertProblem(await hunt('AlertInfo', { accept: 'application/xml, text/csv;q=0' }), 406, 'NotAcceptable');
    assert.equal(cloud.calls.all.length, 0);
  });

  it('returns 400 with the message of the service for an invalid query', async (t) => {
    for (const settings of [{ DEFENDER_HUNTING_API: 'graph' }, { DEFENDER_HUNTING_API: 'xdr' }]) {
      const app = await startBeside(settings);
      t.after(() => app.stop());
      const reply = await app.call('POST /hunting', { json: { query: 'AlertInfo | where NoSuchColumn == 1' } });
      const problem = assertProblem(reply, 400, 'InvalidQuery');
      assert.match(problem.detail, /NoSuchColumn/);
      assert.partialDeepStrictEqual(problem.upstream, { status: 400, code: 'BadRequest' });
      assert.ok(problem.upstream?.requestId);
    }
  });

  it('returns 400 when the result is too large', async () => {
    switchOnFault(cloud, 'hunting-too-large');
    const { detail } = assertProblem(await hunt('DeviceProcessEvents'), 400, 'InvalidQuery');
    assert.match(detail, /exceeded the allowed result size/);
  });

  it('returns 504 when Defender gives up the query', async () => {
    switchOnFault(cloud, 'hunting-timeout');
    assertProblem(await hunt('DeviceProcessEvents'), 504, 'UpstreamTimeout');
  });

  it('reports that the older service is retired, with a next step', async (t) => {
    const older = await startBeside({ DEFENDER_HUNTING_API: 'xdr' });
    t.after(() => older.stop());
    for (const status of [404, 410] as const) {
      cloud.behavior.retiredHunting = status;
      const reply = await older.call('POST /hunting', { json: { query: 'AlertInfo | count' } });
      const problem = assertProblem(reply, 502, 'UpstreamFailed');
      assert.match(problem.nextStep ?? '', /DEFENDER_HUNTING_API/);
      assert.equal(problem.upstream?.status, status);
    }
  });
});
