import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packMembers } from '../../../shared/storage/packed-members.ts';
import type { Deliver } from '../../../shared/webhooks/deliver.ts';
import { deliverInOrder, nextAttemptAt } from '../../../shared/webhooks/deliver-in-order.ts';
import { toRow } from '../../../shared/webhooks/delivery.ts';
import { createDeliveryBodies } from '../../../shared/webhooks/delivery-body.ts';
import { acquireDispatcherLease } from '../../../shared/webhooks/delivery-state.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('deliverInOrder', () => {
  it('renews a lease that would expire during the attempt', async () => {
    const clock = createFakeClock();
    const table = createFakeTable();
    const bodies = createDeliveryBodies(table, createFakeBlobs(clock.now));
    const delivery = { subscriptionId: 'one', orderingKey: 't:incident:1', version: 'v1', webhookId: 'msg_1' };
    const times = { attempts: 0, firstAttemptAt: undefined, nextAttemptAt: 0, deadLetteredAt: undefined };
    const event = { type: 'incident.created' as const, tenantId: 't', incidentId: 1, lastFailure: undefined };
    const { row } = await bodies.store(delivery, { members: packMembers('{}') ?? {} });
    await table.transact([
      { kind: 'insert', entity: row },
      { kind: 'insert', entity: toRow('d', { ...delivery, ...times, ...event }) },
    ]);
    const attempt = await acquireDispatcherLease(table, clock, 'one');
    assert.ok(attempt.kind === 'acquired');
    await clock.advance(50_000);
    const kinds: string[] = [];
    const deliver: Deliver = async () => {
      await clock.advance(14_000);
      kinds.push((await acquireDispatcherLease(table, clock, 'one')).kind);
      return { kind: 'delivered' };
    };
    const target = { callbackUrl: 'https://x.logic.azure.com/', signingSecret: 'whsec_' };
    const parts = { table, bodies, clock, deliver, target, lease: attempt.lease, subscriptionId: 'one' };
    const run = { ...parts, observe: () => {}, canActIn: async () => true, endAt: clock.now() + 60_000, isGone: false };
    await deliverInOrder(run, 't:incident:1', []);
    assert.deepEqual(kinds, ['taken']);
  });
});

describe('nextAttemptAt', () => {
  it('retries after growing delays for a day', () => {
    const minutes: number[] = [];
    for (let count = 1, at: number | undefined = 0; at !== undefined; count++) {
      const next = nextAttemptAt({ count, firstAt: 0, lastAt: at });
      if (next !== undefined) minutes.push((next - at) / minuteMs);
      at = next;
    }
    assert.deepEqual(minutes, [5 / 60, 0.5, 2, 10, 30, 60, 120, 240, 240, 240, 240, 240]);
  });

  it('waits for Retry-After if that is longer', () => {
    const lastAt = hourMs;
    assert.equal(nextAttemptAt({ count: 1, firstAt: 0, lastAt, retryAfterMs: minuteMs }), lastAt + minuteMs);
    assert.equal(nextAttemptAt({ count: 4, firstAt: 0, lastAt, retryAfterMs: minuteMs }), lastAt + 10 * minuteMs);
  });
});
