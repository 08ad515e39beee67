import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTable } from '../../../shared/storage/open-table.ts';
import type { Table } from '../../../shared/storage/tables.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type ScriptedReply, type ScriptedStep, type SentRequest } from '../fake-http-client.ts';

const tableUrl = 'https://contoso.table.core.windows.net';
const connectionString = `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=c2VjcmV0a2V5;TableEndpoint=${tableUrl}`;
const lost = { broken: 'ECONNRESET' };
const row = { partitionKey: 'p', rowKey: 'r', name: 'Contoso' };

const refusal = (status: number, code: string): ScriptedReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: { 'odata.error': { code, message: { lang: 'en-US', value: '' } } },
});
const refusedTransaction = (status: number, code: string): ScriptedReply => {
  const body = JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: '' } } });
  const part = `--changesetresponse_1\r\nHTTP/1.1 ${status} Conflict\r\n\r\n${body}\r\n--changesetresponse_1--`;
  const headers = { 'content-type': 'multipart/mixed; boundary=batchresponse_1' };
  return { status: 202, headers, body: `--batchresponse_1\r\n${part}\r\n--batchresponse_1--` };
};

/** The row as the service has it, with the id of the write that last changed it. */
const found = (writeId: string | undefined): ScriptedReply => ({
  headers: { 'content-type': 'application/json' },
  body: { PartitionKey: 'p', RowKey: 'r', 'odata.etag': 'W/"2"', ...(writeId !== undefined && { writeId }) },
});
const writeIdIn = ({ body = '' }: SentRequest): string | undefined => /"writeId":"([^"]+)"/.exec(body)?.[1];

async function run(write: (table: Table) => Promise<boolean>, ...script: (ScriptedStep | 'own row' | 'other row')[]) {
  const clock = createFakeClock();
  const steps = script.map((step): ScriptedStep => {
    if (step === 'other row') return found('another');
    return step === 'own row' ? () => found(writeIdIn(httpClient.requests[0] ?? assert.fail())) : step;
  });
  const httpClient = createFakeHttpClient(...steps);
  const account = {
    tableUrl,
    queueUrl: undefined,
    blobUrl: undefined,
    authorization: { kind: 'connectionString' as const, connectionString },
  };
  const managedIdentity = { getToken: () => assert.fail('A key needs no token') };
  const platform = { httpClient, clock, random: () => 0 };
  const table = await openTable({ name: 'tenants', account, managedIdentity, platform });
  const result = await clock.runUntil(write(table));
  assert.equal(httpClient.unused(), 0);
  return result;
}

const writes: [name: string, conflict: ScriptedReply, write: (table: Table) => Promise<boolean>][] = [
  ['insert', refusal(409, 'EntityAlreadyExists'), (table) => table.insert(row)],
  ['replace', refusal(412, 'UpdateConditionNotSatisfied'), (table) => table.replace(row, 'W/"1"')],
  [
    'transaction',
    refusedTransaction(409, 'EntityAlreadyExists'),
    (table) =>
      table.transact([
        { kind: 'delete', partitionKey: 'p', rowKey: 'a' },
        { kind: 'insert', entity: row },
      ]),
  ],
];

for (const [name, conflict, write] of writes) {
  describe(`${name} whose response is lost`, () => {
    it('counts as made when the conflict is with its own write', async () => {
      assert.equal(await run(write, lost, conflict, 'own row'), true);
    });

    it('counts as not made when the conflict is with another write', async () => {
      assert.equal(await run(write, lost, conflict, 'other row'), false);
    });

    it('counts as not made, without a further request, when the first attempt conflicts', async () => {
      assert.equal(await run(write, conflict), false);
    });
  });
}

describe('deletion whose response is lost', () => {
  const missing = refusal(404, 'ResourceNotFound');
  const remove = (table: Table) => table.delete('p', 'r', 'W/"1"');

  it('counts as made when the row is gone', async () => {
    assert.equal(await run(remove, lost, missing, missing), true);
    const transaction = refusedTransaction(404, 'ResourceNotFound');
    const removeInTransaction = (table: Table) => table.transact([{ kind: 'delete', partitionKey: 'p', rowKey: 'r' }]);
    assert.equal(await run(removeInTransaction, lost, transaction, missing), true);
  });

  it('counts as not made when the row has changed', async () => {
    assert.equal(await run(remove, lost, refusal(412, 'UpdateConditionNotSatisfied'), 'other row'), false);
  });

  it('counts as not made when the row was gone before', async () => {
    assert.equal(await run(remove, missing), false);
  });
});
