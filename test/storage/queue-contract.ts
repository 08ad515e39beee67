import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openQueue } from '../../shared/storage/queues.ts';
import type { TestAccount } from './test-account.ts';

export function testQueues({ name, account, managedIdentity, platform, ...access }: TestAccount): void {
  let queues = 0;

  async function newQueue() {
    const queueName = `queue-${++queues}`;
    const { authorization, queueUrl = '' } = account;
    const queue = await openQueue({ name: queueName, queueUrl, account: { authorization }, managedIdentity, platform });
    const receive = async () => {
      const messages = await access.receive(queueName);
      return messages.map(({ text }) => JSON.parse(Buffer.from(text, 'base64').toString()));
    };
    return { queue, queueName, receive };
  }

  describe(`a queue of ${name}`, () => {
    it('creates itself for the first message, which the Functions host can read', async () => {
      const { queue, receive } = await newQueue();
      await queue.send({ tenantId: 'a', name: 'Zoë "</QueueMessage>"' });
      await queue.send({ tenantId: 'b' });
      assert.deepEqual(await receive(), [{ tenantId: 'a', name: 'Zoë "</QueueMessage>"' }, { tenantId: 'b' }]);
    });

    it('hides a message for the given time, at most a week', async () => {
      const { queue, queueName, receive } = await newQueue();
      await queue.send('later', 60_000);
      await queue.send('in a week', 30 * 24 * 60 * 60_000);
      assert.deepEqual(await receive(), []);
      assert.equal(await access.countMessages(queueName), 2);
    });

    it('keeps a message for the given time, or until it is received', async () => {
      const { queue, queueName } = await newQueue();
      await queue.send('a while', 0, 90_000);
      await queue.send('for good');
      const messages = await access.receive(queueName);
      const [aWhile = 0, forGood = 0] = messages.map(({ expiresAt, insertedAt }) => expiresAt - insertedAt);
      assert.equal(aWhile, 90_000);
      assert.ok(forGood > 365 * 24 * 60 * 60_000);
    });

    it('rejects a message above 64 KB', async () => {
      const { queue } = await newQueue();
      await assert.rejects(queue.send('x'.repeat(49_152)), TypeError);
    });

    it('reschedules and removes a message that has not been received', async () => {
      const { queue, queueName, receive } = await newQueue();
      const sent = await queue.send('first', 60_000);
      const rescheduled = (await queue.reschedule(sent, 0)) ?? assert.fail('It was not rescheduled');
      assert.deepEqual(await receive(), ['first']);
      for (const receipt of [sent, rescheduled]) {
        assert.equal(await queue.reschedule(receipt, 0), undefined);
        await queue.remove(receipt);
      }
      assert.equal(await access.countMessages(queueName), 1);
      const second = await queue.send('second', 60_000);
      await queue.remove(second);
      assert.equal(await queue.reschedule(second, 0), undefined);
      assert.equal(await access.countMessages(queueName), 1);
    });
  });
}
