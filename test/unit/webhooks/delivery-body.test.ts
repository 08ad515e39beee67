import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { Delivery } from '../../../shared/webhooks/delivery.ts';
import { createDeliveryBodies, packBody } from '../../../shared/webhooks/delivery-body.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const timestamp = '2026-11-20T10:00:00.000Z';
const event = { type: 'hunt.results' as const, tenantId: 't', timestamp, subject: 'hunt/1', version: timestamp };
const delivery: Delivery = {
  subscriptionId: 's',
  orderingKey: 't:hunt:1',
  version: timestamp,
  webhookId: 'msg_1',
  type: 'hunt.results',
  tenantId: 't',
  incidentId: undefined,
  attempts: 0,
  firstAttemptAt: undefined,
  nextAttemptAt: 0,
  lastFailure: undefined,
  deadLetteredAt: undefined,
};

async function store(data: string | (() => Iterable<Uint8Array>)) {
  const table = createFakeTable();
  const blobs = createFakeBlobs(() => 0);
  const bodies = createDeliveryBodies(table, blobs);
  const { row, blobName } = await bodies.store(delivery, packBody({ ...event, data }));
  await table.upsert(row);
  const body = (await bodies.read({ ...delivery, blobName })) ?? assert.fail('The body is missing');
  const text = typeof body === 'string' ? body : Buffer.concat(await Readable.from(body.read()).toArray()).toString();
  return { body: JSON.parse(text), isInRow: blobName === undefined, blobs: blobs.names.length };
}

const { subject, version, ...sent } = event;

describe('delivery body', () => {
  it('is in a row if it is small', async () => {
    assert.deepEqual(await store('{"a":1}'), { body: { ...sent, data: { a: 1 } }, isInRow: true, blobs: 0 });
  });

  it('is a blob if it is large, also when it would compress well', async () => {
    const data = { a: 'x'.repeat(2_000_000) };
    assert.deepEqual(await store(JSON.stringify(data)), { body: { ...sent, data }, isInRow: false, blobs: 1 });
  });

  it('is a blob if it comes in chunks', async () => {
    const chunks = ['{"a":', '"ü', '"}'].map((chunk) => Buffer.from(chunk));
    assert.deepEqual(await store(() => chunks), { body: { ...sent, data: { a: 'ü' } }, isInRow: false, blobs: 1 });
  });
});
