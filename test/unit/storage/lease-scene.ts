import assert from 'node:assert/strict';
import { acquireLease, type Lease, type LeaseOptions } from '../../../shared/storage/lease.ts';
import type { TableChange } from '../../../shared/storage/tables.ts';
import { createFakeTable } from './fake-table.ts';

export const durationMs = 60_000;
export const startedAt = Date.parse('2026-11-20T10:00:00Z');

export interface Counter {
  count: number;
}

export function createLeaseScene() {
  let at = startedAt;
  const table = createFakeTable();
  const options = (skewMs = 0): LeaseOptions<Counter> => ({
    table,
    clock: { now: () => at + skewMs, startTimer: () => () => {} },
    partitionKey: 'tenant',
    rowKey: 'lease',
    durationMs,
    readState: (row) => ({ count: Number(row?.count ?? 0) }),
    writeState: ({ count }) => ({ count: String(count) }),
  });

  async function acquire(changes: Partial<LeaseOptions<Counter>> = {}, skewMs = 0): Promise<Lease<Counter>> {
    const attempt = await acquireLease({ ...options(skewMs), ...changes });
    assert.ok(attempt.kind === 'acquired', attempt.kind);
    return attempt.lease;
  }

  return {
    table,
    options,
    acquire,
    attempt: (changes: Partial<LeaseOptions<Counter>> = {}, skewMs = 0) =>
      acquireLease({ ...options(skewMs), ...changes }),
    readCount: async () => Number((await table.get('tenant', 'lease'))?.count),
    pass: (ms: number) => {
      at += ms;
    },
  };
}

export const increment = ({ count }: Counter): Counter => ({ count: count + 1 });
export const insert = (rowKey: string): TableChange => ({ kind: 'insert', entity: { partitionKey: 'tenant', rowKey } });
export const remove = (rowKey: string): TableChange => ({ kind: 'delete', partitionKey: 'tenant', rowKey });
