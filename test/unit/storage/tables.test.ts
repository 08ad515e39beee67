import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createTable } from '../../../shared/storage/tables.ts';
import type { StorageAccount } from '../../../shared/storage-account.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type ScriptedReply, type ScriptedStep } from '../fake-http-client.ts';

// The SDK is loaded in turns of the event loop that a fake clock does not wait for.
await import('../../../shared/storage/tables-sdk.ts');

const tableUrl = 'https://contoso.table.core.windows.net';
const byKey: StorageAccount = {
  queueUrl: undefined,
  blobUrl: undefined,
  tableUrl,
  authorization: { kind: 'key', accountName: 'contoso', accountKey: 'c2VjcmV0a2V5' },
};

function createScene(script: ScriptedStep[], authorization: StorageAccount['authorization'] = byKey.authorization) {
  const httpClient = createFakeHttpClient(...script);
  const clock = createFakeClock();
  const managedIdentity = {
    getToken: async () => ({ token: 'of-the-identity', expiresOnTimestamp: clock.now() + 3_600_000 }),
  };
  const account = { ...byKey, authorization };
  const table = createTable({
    name: 'tenants',
    account,
    managedIdentity,
    world: { httpClient, clock, random: () => 0 },
  });
  return { table, httpClient, clock };
}

const refusal = (status: number, code: string, headers: Record<string, string> = {}): ScriptedReply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-ms-request-id': 'r-1', ...headers },
  body: { 'odata.error': { code, message: { lang: 'en-US', value: 'of-the-service' } } },
});

const stored: ScriptedReply = {
  headers: { 'content-type': 'application/json' },
  body: { PartitionKey: 'p', RowKey: 'r', 'odata.etag': 'W/"1"', Timestamp: '2026-11-20T12:00:00Z', name: 'Contoso' },
};
const entity = { partitionKey: 'p', rowKey: 'r', etag: 'W/"1"', name: 'Contoso' };

async function failureOf(script: ScriptedStep[]): Promise<UpstreamError> {
  const { table, clock } = createScene(script);
  const outcome = await clock.runUntil(table.get('p', 'r').catch((error: unknown) => error));
  assert.ok(outcome instanceof UpstreamError, String(outcome));
  assert.doesNotMatch(JSON.stringify(outcome) + outcome.message, /of-the-service|c2VjcmV0/);
  return outcome;
}

describe('a table', () => {
  for (const fault of [refusal(503, 'ServerBusy'), refusal(429, 'Throttled'), { broken: 'ECONNRESET' }]) {
    test(`is asked again after ${'broken' in fault ? fault.broken : fault.status}, twice at most`, async () => {
      const { table, clock } = createScene([fault, fault, stored]);
      assert.deepEqual(await clock.runUntil(table.get('p', 'r')), entity);
      const { upstream } = await failureOf([fault, fault, fault]);
      assert.equal(upstream.service, 'storage');
    });
  }

  test('that is silent is given up after ten seconds', async () => {
    const { failure, upstream } = await failureOf(['silence']);
    assert.deepEqual([failure, upstream.service], ['timeout', 'storage']);
  });

  test('that denies an identity says which role it lacks', async () => {
    const { upstream, nextStep } = await failureOf([refusal(403, 'AuthorizationPermissionMismatch')]);
    assert.deepEqual(upstream, {
      service: 'storage',
      status: 403,
      code: 'AuthorizationPermissionMismatch',
      requestId: 'r-1',
    });
    assert.match(nextStep ?? '', /Storage Table Data Contributor/);
  });

  test('whose account answers in XML is understood as well', async () => {
    const body = '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>';
    const { upstream, nextStep } = await failureOf([{ status: 403, body }]);
    assert.equal(upstream.code, 'AuthenticationFailed');
    assert.match(nextStep ?? '', /AzureWebJobsStorage/);
  });

  test('is made when something is put into it and it is not there, and the call made again', async () => {
    const { table, httpClient } = createScene([refusal(404, 'TableNotFound'), { status: 204 }, { status: 204 }]);
    await table.upsert({ partitionKey: 'p', rowKey: 'r', name: 'Contoso' });
    const put = "PUT /tenants(PartitionKey='p',RowKey='r')";
    assert.deepEqual(
      httpClient.requests.map(({ method, url }) => `${method} ${url.pathname}`),
      [put, 'POST /Tables', put],
    );
  });

  test('is opened by the identity where the account has no key', async () => {
    const { table, httpClient } = createScene([stored], { kind: 'identity', clientId: undefined });
    await table.get('p', 'r');
    assert.equal(httpClient.requests[0]?.headers.authorization, 'Bearer of-the-identity');
  });

  test('is opened by a signature where the account has one', async () => {
    const { table, httpClient } = createScene([stored], {
      kind: 'sharedAccessSignature',
      signature: 'sv=2024&sig=signed',
    });
    await table.get('p', 'r');
    assert.equal(httpClient.requests[0]?.url.searchParams.get('sig'), 'signed');
  });
});
