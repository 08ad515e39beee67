import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readState } from '../../../shared/webhooks/delivery-state.ts';
import { createWebhookScene, event, minuteMs } from './webhook-scene.ts';

describe('the state of a subscription', () => {
  it('keeps its counters when another member cannot be read', () => {
    const row = { partitionKey: 'one', rowKey: 'state', delivered: '3', lastAttemptMs: '-1', lastFailure: '{' };
    assert.partialDeepStrictEqual(readState({ ...row, pausedUntil: 'soon' }), {
      delivered: 3,
      lastAttemptMs: 0,
      lastFailure: undefined,
      pausedUntil: undefined,
    });
  });

  it('counts deliveries that take fractions of a millisecond', async () => {
    const { subscribe, publishEvents, pass, answer, subscriptionAdmin } = createWebhookScene();
    const id = await subscribe();
    answer(() => ({ status: 200, after: 12_000.5 }));
    await publishEvents([event(1), event(1, 2), event(1, 3)]);
    await pass(minuteMs);
    assert.partialDeepStrictEqual(await subscriptionAdmin.find(id), { delivered: 3, waiting: 0 });
  });
});
