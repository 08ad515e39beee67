import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScriptedReply, ScriptedStep } from '../fake-http-client.ts';
import { runHunting } from './collect-hunting.ts';
import { openDefender } from './open-client.ts';

const empty = { schema: [], results: [] };
const nothing = { schema: [], rows: [] };
const refused = (status: number, message = 'No.'): ScriptedReply => ({
  status,
  body: { error: { code: 'BadRequest', message, target: 't-1' } },
});

const open = (huntingApi: 'graph' | 'xdr', ...script: ScriptedStep[]) => openDefender({ huntingApi, script });

describe('hunting query', () => {
  test('goes to Graph with its timespan', async () => {
    const { defender, httpClient, scopes } = open('graph', { body: empty }, { body: empty });
    await runHunting(defender, { query: 'DeviceInfo | take 1', timespan: 'P7D' });
    await runHunting(defender, { query: 'DeviceInfo' });
    const [request] = httpClient.requests;
    assert.equal(
      `${request?.method} ${request?.url.href}`,
      'POST https://graph.microsoft.com/v1.0/security/runHuntingQuery',
    );
    assert.deepEqual(
      httpClient.requests.map(({ body }) => JSON.parse(body ?? '')),
      [{ Query: 'DeviceInfo | take 1', Timespan: 'P7D' }, { Query: 'DeviceInfo' }],
    );
    assert.match(scopes[0] ?? '', /https:\/\/graph\.microsoft\.com\/\.default$/);
  });

  test('goes to the XDR endpoint when configured', async () => {
    const { defender, httpClient } = open('xdr', { body: empty });
    await runHunting(defender, { query: 'DeviceInfo' });
    const [request] = httpClient.requests;
    assert.equal(request?.url.href, 'https://api.security.microsoft.com/api/advancedhunting/run');
    assert.deepEqual(JSON.parse(request.body ?? ''), { Query: 'DeviceInfo' });
  });

  test('rejects a timespan for the XDR endpoint', async () => {
    const { defender, httpClient } = open('xdr');
    await assert.rejects(runHunting(defender, { query: 'DeviceInfo', timespan: 'P7D' }), {
      name: 'RequestError',
      status: 400,
      code: 'InvalidRequest',
      errors: [
        {
          in: 'body',
          name: '/timespan',
          detail: 'is not supported with DEFENDER_HUNTING_API=xdr: filter by Timestamp in the query',
        },
      ],
    });
    assert.deepEqual(httpClient.requests, []);
  });

  test("times out after 185 s, shortly after Defender's own limit", async () => {
    const { defender, clock, elapsedMs } = open('graph', 'silence');
    await assert.rejects(clock.runUntil(runHunting(defender, { query: 'x' })), {
      name: 'UpstreamError',
      failure: 'timeout',
    });
    assert.equal(elapsedMs(), 185_000);
  });

  test("times out as a whole after 210 s, before Azure's limit", async () => {
    const { defender, clock, elapsedMs } = openDefender({ script: ['silence'], elapsedMs: 50_000 });
    await assert.rejects(clock.runUntil(runHunting(defender, { query: 'x' })), { failure: 'timeout' });
    assert.equal(elapsedMs(), 160_000);
  });

  test('retries, because it is idempotent', async () => {
    const { defender, clock } = open('graph', { status: 503 }, { broken: 'ECONNRESET' }, { body: empty });
    assert.deepEqual(await clock.runUntil(runHunting(defender, { query: 'x' })), nothing);
  });
});

describe('hunting result', () => {
  const expected = {
    schema: [
      { name: 'DeviceName', type: 'String' },
      { name: 'Count', type: 'Int64' },
    ],
    results: [
      { DeviceName: 'a', Count: 1 },
      { DeviceName: 'b', Count: null },
    ],
  };
  const rows = expected.results;
  const camelCaseRows = rows.map(({ DeviceName, Count }) => ({ deviceName: DeviceName, count: Count }));
  const pascalCaseSchema = expected.schema.map(({ name, type }) => ({ Name: name, Type: type }));
  const stats = { ExecutionTime: 0.1, dataset_statistics: [] };

  for (const [name, api, body] of [
    ['from Graph', 'graph', { '@odata.context': 'https://graph.microsoft.com/x', ...expected }],
    ['from the older endpoint', 'xdr', { Stats: stats, Schema: pascalCaseSchema, Results: rows }],
    ['from Graph as one of its samples has it', 'graph', { schema: pascalCaseSchema, results: rows }],
    ['from Graph as another sample has it', 'graph', { schema: expected.schema, results: camelCaseRows }],
  ] as const) {
    test(name, async () => {
      const { defender } = open(api, { body });
      const { schema, rows: texts } = await runHunting(defender, { query: 'x' });
      assert.deepEqual({ schema, results: texts.map((text) => JSON.parse(text)) }, expected);
    });
  }

  test('keeps columns that differ only in case when others are renamed', async () => {
    const schema = ['a', 'A', 'Other'].map((name) => ({ name, type: 'String' }));
    const { defender } = open('graph', { body: { schema, results: [{ a: '1', A: '2', other: '3' }] } });
    assert.deepEqual((await runHunting(defender, { query: 'x' })).rows, ['{"a":"1","A":"2","Other":"3"}']);
  });

  test('keeps every digit of a number in a renamed column', async () => {
    const schema = [{ name: 'ProcessUniqueId', type: 'Int64' }];
    for (const member of ['ProcessUniqueId', 'processUniqueId']) {
      const body = `{"schema":${JSON.stringify(schema)},"results":[{"${member}":9223372036854775807}]}`;
      const { defender } = open('graph', { body });
      assert.deepEqual((await runHunting(defender, { query: 'x' })).rows, ['{"ProcessUniqueId":9223372036854775807}']);
    }
  });

  test('returns InvalidQuery with a next step above 100 MB', async () => {
    const row = JSON.stringify({ A: 'x'.repeat(1_000_000) });
    const { defender } = open('graph', { body: `{"schema":[],"results":[${Array(101).fill(row).join()}]}` });
    await assert.rejects(runHunting(defender, { query: 'x' }), {
      status: 400,
      code: 'InvalidQuery',
      nextStep: /Reduce the rows/,
    });
  });

  test('fails as an upstream failure when malformed', async () => {
    for (const body of ['', '[]', '{}', { schema: [{ name: 'a' }], results: [] }, { schema: [], results: [1] }]) {
      const { defender } = open('graph', { body });
      await assert.rejects(runHunting(defender, { query: 'x' }), { name: 'UpstreamError', failure: 'malformed' });
    }
  });
});

for (const [huntingApi, service] of [
  ['graph', 'graph'],
  ['xdr', 'defender'],
] as const) {
  describe(`error of ${huntingApi}`, () => {
    test('400 becomes InvalidQuery with the message of the service', async () => {
      const { defender } = open(huntingApi, refused(400, "Failed to resolve column 'X'."));
      await assert.rejects(runHunting(defender, { query: 'x' }), {
        name: 'RequestError',
        status: 400,
        code: 'InvalidQuery',
        message: "Failed to resolve column 'X'.",
        upstream: { service, status: 400, code: 'BadRequest', requestId: 't-1' },
      });
    });

    test('504 becomes a timeout', async () => {
      const { defender, clock } = open(huntingApi, ...Array(4).fill(refused(504)));
      await assert.rejects(clock.runUntil(runHunting(defender, { query: 'x' })), {
        name: 'UpstreamError',
        failure: 'timeout',
      });
    });

    test('404 and 410 say that the endpoint was retired', async () => {
      for (const status of [404, 410]) {
        const { defender } = open(huntingApi, refused(status));
        await assert.rejects(runHunting(defender, { query: 'x' }), {
          name: 'UpstreamError',
          failure: 'refused',
          nextStep: huntingApi === 'xdr' ? /DEFENDER_HUNTING_API to graph/ : undefined,
        });
      }
    });

    test('429 becomes Throttled', async () => {
      const { defender } = open(huntingApi, { ...refused(429), headers: { 'retry-after': '900' } });
      await assert.rejects(runHunting(defender, { query: 'x' }), { status: 429, headers: { 'retry-after': '900' } });
    });

    test('403 names the permission of the service', async () => {
      const { defender } = open(huntingApi, refused(403));
      const permission = huntingApi === 'graph' ? /ThreatHunting\.Read\.All/ : /AdvancedHunting\.Read\.All/;
      await assert.rejects(runHunting(defender, { query: 'x' }), { code: 'MissingPermission', message: permission });
    });
  });
}
