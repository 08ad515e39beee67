import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFakeTable } from './fake-table.ts';

const row = { partitionKey: 'p', rowKey: 'r' };
const failure = { name: 'UpstreamError', failure: 'connection' };

describe('a fault injected into a fake table', () => {
  it('fails the call before the table acts', async () => {
    const table = createFakeTable();
    table.injectFault({ when: 'before', method: 'insert' });
    await assert.rejects(table.insert(row), failure);
    assert.equal(await table.get('p', 'r'), undefined);
    assert.equal(await table.insert(row), true);
  });

  it('loses the response of a call on which the table acted', async () => {
    const table = createFakeTable();
    table.injectFault({ when: 'after', method: 'insert' });
    await assert.rejects(table.insert(row), failure);
    assert.equal(await table.insert(row), false);
  });

  it('fails the chosen calls only', async () => {
    const table = createFakeTable();
    table.injectFault({ when: 'before', method: 'transact', key: 'p/r', skip: 1, times: 2 });
    const change = { kind: 'upsert', entity: row } as const;
    assert.equal(await table.transact([change]), true);
    assert.equal(await table.transact([{ kind: 'upsert', entity: { ...row, rowKey: 'other' } }]), true);
    await assert.rejects(table.transact([change]), failure);
    await assert.rejects(table.transact([change]), failure);
    assert.equal(await table.transact([change]), true);
  });
});
