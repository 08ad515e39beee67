import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { QueueClient } from '@azure/storage-queue';
import { createHttpClient } from '../../shared/outbound/transport.ts';
import { openQueue } from '../../shared/storage/queues.ts';
import { readStorageAccount } from '../../shared/storage-account.ts';
import { startAzurite } from '../storage/azurite.ts';
import { createFakeClock } from '../unit/fake-clock.ts';

const azurite = await startAzurite();
after(() => azurite.stop());
const account = readStorageAccount({ AzureWebJobsStorage: azurite.connectionString }, 'public');
assert.ok(account !== undefined && account !== 'invalid');
const { queueUrl = '', authorization } = account;
const noIdentity = { getToken: () => assert.fail('A key needs no token') };
const platform = { httpClient: createHttpClient({}), clock: createFakeClock(), random: () => 0 };
let queues = 0;

async function newQueue() {
  const name = `queue-${++queues}`;
  const queue = await openQueue({ name, queueUrl, account: { authorization }, managedIdentity: noIdentity, platform });
  const reader = new QueueClient(azurite.connectionString, name);
  const receive = async () => {
    const { receivedMessageItems } = await reader.receiveMessages({ numberOfMessages: 32 });
    return receivedMessageItems.map(({ messageText }) => JSON.parse(Buffer.from(messageText, 'base64').toString()));
  };
  return { queue, reader, receive };
}

describe('a queue', () => {
  it('is made by the first message, and gives what was sent as the Functions host reads it', async () => {
    const { queue, receive } = await newQueue();
    await queue.send({ tenantId: 'a', name: 'Zoë "</QueueMessage>"' });
    await queue.send({ tenantId: 'b' });
    assert.deepEqual(await receive(), [{ tenantId: 'a', name: 'Zoë "</QueueMessage>"' }, { tenantId: 'b' }]);
  });

  it('hides a message for as long as it is told to', async () => {
    const { queue, reader, receive } = await newQueue();
    await queue.send('later', 60_000);
    await queue.send('in a week', 30 * 24 * 60 * 60_000);
    assert.deepEqual(await receive(), []);
    assert.equal((await reader.getProperties()).approximateMessagesCount, 2);
  });

  it('keeps a message for as long as it is told to, and else until it is taken', async () => {
    const { queue, reader } = await newQueue();
    await queue.send('a while', 0, 90_000);
    await queue.send('for good');
    const { receivedMessageItems } = await reader.receiveMessages({ numberOfMessages: 2 });
    const [aWhile = 0, forGood = 0] = receivedMessageItems.map(
      ({ expiresOn, insertedOn }) => expiresOn.getTime() - insertedOn.getTime(),
    );
    assert.equal(aWhile, 90_000);
    assert.ok(forGood > 365 * 24 * 60 * 60_000);
  });

  it('refuses a message that does not fit', async () => {
    const { queue } = await newQueue();
    await assert.rejects(queue.send('x'.repeat(49_152)), TypeError);
  });

  it('reschedules and removes a message that has not been received', async () => {
    const { queue, reader, receive } = await newQueue();
    const sent = await queue.send('first', 60_000);
    const rescheduled = (await queue.reschedule(sent, 0)) ?? assert.fail('It was not rescheduled');
    assert.deepEqual(await receive(), ['first']);
    for (const receipt of [sent, rescheduled]) {
      assert.equal(await queue.reschedule(receipt, 0), undefined);
      await queue.remove(receipt);
    }
    assert.equal((await reader.getProperties()).approximateMessagesCount, 1);
    const second = await queue.send('second', 60_000);
    await queue.remove(second);
    assert.equal(await queue.reschedule(second, 0), undefined);
    assert.equal((await reader.getProperties()).approximateMessagesCount, 1);
  });
});
