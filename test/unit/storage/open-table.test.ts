import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { openTable } from '../../../shared/storage/open-table.ts';
import type { StorageAccount } from '../../../shared/storage-account.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type ScriptedReply, type ScriptedStep } from '../fake-http-client.ts';

const tableUrl = 'https://contoso.table.core.windows.net';
const toConnectionString = (credential: string) => ({
  kind: 'connectionString' as const,
  connectionString: `TableEndpoint=${tableUrl};${credential}`,
});
const byKey = toConnectionString('DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=c2VjcmV0a2V5');

async function createScene(script: ScriptedStep[], authorization: StorageAccount['authorization'] = byKey) {
  const httpClient = createFakeHttpClient(...script);
  const clock = createFakeClock();
  const managedIdentity = {
    getToken: async () => ({ token: 'of-the-identity', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const account = { tableUrl, queueUrl: undefined, blobUrl: undefined, authorization };
  const platform = { httpClient, clock, random: () => 0 };
  return { table: await openTable({ name: 'tenants', account, managedIdentity, platform }), httpClient, clock };
}

const refusal = (status: number, code: string): ScriptedReply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-ms-request-id': 'r-1' },
  body: { 'odata.error': { code, message: { lang: 'en-US', value: 'of-the-service' } } },
});

const stored: ScriptedReply = {
  headers: { 'content-type': 'application/json' },
  body: { PartitionKey: 'p', RowKey: 'r', 'odata.etag': 'W/"1"', Timestamp: '2026-11-20T12:00:00Z', name: 'Contoso' },
};
const entity = { partitionKey: 'p', rowKey: 'r', etag: 'W/"1"', name: 'Contoso' };

async function failureOf(script: ScriptedStep[]): Promise<UpstreamError> {
  const { table, clock } = await createScene(script);
  const outcome = await clock.runUntil(table.get('p', 'r').catch((error: unknown) => error));
  assert.ok(outcome instanceof UpstreamError, String(outcome));
  assert.doesNotMatch(JSON.stringify(outcome) + outcome.message, /of-the-service|c2VjcmV0/);
  return outcome;
}

describe('table', () => {
  for (const fault of [refusal(503, 'ServerBusy'), refusal(429, 'Throttled'), { broken: 'ECONNRESET' }]) {
    it(`retries twice after ${'broken' in fault ? fault.broken : fault.status}`, async () => {
      const { table, clock } = await createScene([fault, fault, stored]);
      assert.deepEqual(await clock.runUntil(table.get('p', 'r')), entity);
      const { upstream } = await failureOf([fault, fault, fault]);
      assert.equal(upstream.service, 'storage');
    });
  }

  it('keeps its SDK client', async () => {
    const { table, httpClient } = await createScene([stored, stored]);
    await table.get('p', 'r');
    await table.get('p', 'r');
    assert.equal(httpClient.unused(), 0);
  });

  it('fails with a timeout after 10 seconds, and aborts the request', async () => {
    const { failure, upstream } = await failureOf(['silence']);
    assert.deepEqual([failure, upstream.service], ['timeout', 'storage']);
  });

  it('names the missing role when the identity is denied', async () => {
    const { upstream, nextStep } = await failureOf([refusal(403, 'AuthorizationPermissionMismatch')]);
    assert.deepEqual(upstream, {
      service: 'storage',
      status: 403,
      code: 'AuthorizationPermissionMismatch',
      requestId: 'r-1',
    });
    assert.match(nextStep ?? '', /Storage Table Data Contributor/);
  });

  it('names the system error when no connection is made', async () => {
    const broken = { broken: 'ECONNREFUSED' };
    const { failure, upstream } = await failureOf([broken, broken, broken]);
    assert.deepEqual([failure, upstream.code], ['connection', 'ECONNREFUSED']);
  });

  for (const [format, body] of [
    ['plain XML', '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>'],
    ['XML with a prefix', '<m:error xmlns:m="http://x"><m:code>AuthenticationFailed</m:code></m:error>'],
  ] as const) {
    it(`reads the error code from ${format}`, async () => {
      const { upstream, nextStep } = await failureOf([
        { status: 403, headers: { 'content-type': 'application/xml' }, body },
      ]);
      assert.equal(upstream.code, 'AuthenticationFailed');
      assert.match(nextStep ?? '', /AzureWebJobsStorage/);
    });
  }

  for (const [what, reply] of Object.entries({
    'a body that is not JSON': { headers: { 'content-type': 'application/json' }, body: '<html>' },
    'no body': {},
    'another success status': { status: 204 },
  })) {
    it(`fails as malformed on ${what}`, async () => {
      assert.equal((await failureOf([reply])).failure, 'malformed');
    });
  }

  it('creates itself when the first row is written', async () => {
    const { table, httpClient } = await createScene([refusal(404, 'TableNotFound'), { status: 204 }, { status: 204 }]);
    await table.upsert({ partitionKey: 'p', rowKey: 'r', name: 'Contoso' });
    const put = "PUT /tenants(PartitionKey='p',RowKey='r')";
    assert.deepEqual(
      httpClient.requests.map(({ method, url }) => `${method} ${url.pathname}`),
      [put, 'POST /Tables', put],
    );
  });

  it('authenticates as the managed identity if the setting names no key', async () => {
    const { table, httpClient } = await createScene([stored], { kind: 'identity', clientId: undefined });
    await table.get('p', 'r');
    assert.equal(httpClient.requests[0]?.headers.authorization, 'Bearer of-the-identity');
  });

  it('authenticates with a shared access signature', async () => {
    const signature = toConnectionString('SharedAccessSignature=sv=2024&sig=signed');
    const { table, httpClient } = await createScene([stored, { status: 202 }], signature);
    await table.get('p', 'r');
    await table.transact([{ kind: 'upsert', entity: { partitionKey: 'p', rowKey: 'r' } }]);
    assert.deepEqual(
      httpClient.requests.map(({ url }) => [url.pathname, url.searchParams.get('sig')]),
      [
        ["/tenants(PartitionKey='p',RowKey='r')", 'signed'],
        ['/$batch', 'signed'],
      ],
    );
  });
});
