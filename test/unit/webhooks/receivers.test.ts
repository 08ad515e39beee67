import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callbackUrl, createWebhookScene, event, minuteMs, type Reply } from './webhook-scene.ts';

const hanging = (index: number) => `https://hanging-${index}.logic.azure.com/`;

describe('60 receivers that hang, with one instance, for 30 minutes', () => {
  it('keep one message each in the queue and take a bounded number of calls', async () => {
    const { subscribe, publishEvents, pass, answer, host, dispatcher, received } = createWebhookScene();
    for (let index = 0; index < 60; index++) await subscribe({ callbackUrl: hanging(index) });
    answer(() => 'silence');
    for (let minute = 0; minute < 30; minute++) {
      await publishEvents([event(minute)]);
      await dispatcher.wakeOverdue();
      await pass(minuteMs);
    }
    const { sent, maxLength } = host.figures;
    // One for each subscription, and those that are processed.
    assert.ok(maxLength <= 60 + 24, `${maxLength} messages at once`);
    assert.ok(sent <= 60 * 30 * 4, `${sent} messages sent`);
    // The first attempts, and then two at a time to six receivers.
    assert.ok(received.length <= 60 + 2 * 6 * 30 * 4, `${received.length} calls`);
    assert.equal(new Set(received.map(({ url }) => url)).size, 60);
  });
});

/** How long each of 10 rounds of 10 events takes to reach a healthy receiver, in milliseconds. */
async function measureDelays(answerOfOthers: Reply): Promise<number[]> {
  const { subscribe, publishEvents, pass, answer, received, clock } = createWebhookScene();
  for (let index = 0; index < 30; index++) await subscribe({ callbackUrl: hanging(index) });
  await subscribe();
  answer(({ url }) => (url === callbackUrl ? 200 : answerOfOthers));
  const delays: number[] = [];
  for (let round = 1; round <= 10; round++) {
    received.splice(0);
    const startedAt = clock.now();
    await publishEvents(Array.from({ length: 10 }, (_, index) => event(100 * round + index)));
    await pass(minuteMs);
    const own = received.filter(({ url }) => url === callbackUrl);
    assert.equal(own.length, 10);
    delays.push(Math.max(...own.map(({ at }) => at)) - startedAt);
  }
  return delays;
}

for (const [what, reply] of [
  ['hang', 'silence'],
  ['take 14 seconds', { status: 200, after: 14_000 }],
] as const)
  describe(`30 receivers that ${what}`, () => {
    it('delay a healthy receiver by one attempt the first time, and by less than a second later', async () => {
      const [first = 0, ...others] = await measureDelays(reply);
      assert.ok(first < 17_000, `${first} ms`);
      assert.ok(Math.max(...others) < 1_000, `${others} ms`);
    });
  });
