import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { QueueClient } from '@azure/storage-queue';
import { startHost } from '../host/host.ts';
import { createMovableTime } from '../host/movable-time.ts';
import { startAzurite } from '../storage/azurite.ts';

const time = createMovableTime();
const azurite = await startAzurite(time);
const host = await startHost({
  appDirectory: fileURLToPath(new URL('../host/fixture-queues', import.meta.url)),
  environment: { AzureWebJobsStorage: azurite.connectionString, ...time.environment },
  keys: { function: 'function-key', master: 'master-key' },
  clock: time.clock,
  nodeArguments: time.nodeArguments,
});
after(async () => {
  await host.stop();
  await azurite.stop();
  time.close();
});

const queueOf = (name: string) => new QueueClient(azurite.connectionString, name);

async function send(queueName: string, text: string, visibilityTimeout = 0): Promise<void> {
  const queue = queueOf(queueName);
  await queue.createIfNotExists();
  await queue.sendMessage(Buffer.from(text).toString('base64'), { visibilityTimeout });
}

const logged = (pattern: RegExp) => host.logs.filter((line) => pattern.test(line));

describe('the local host', () => {
  it('passes a message and its metadata to the function of its queue, once', async () => {
    await send('orders', '{"id":1}');
    await host.drainQueues();
    const known = 'dequeueCount expirationTime id insertionTime nextVisibleTime popReceipt queueTrigger';
    assert.deepEqual(logged(/order \{"id":1\}/), [`[onOrder] order {"id":1} (${known})`]);
    assert.equal((await queueOf('orders').getProperties()).approximateMessagesCount, 0);
  });

  it('passes text that is not JSON unchanged', async () => {
    await send('orders', '{"broken');
    await host.drainQueues();
    assert.equal(logged(/order "\{\\"broken"/).length, 1);
  });

  it('processes more messages than fit in a batch', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, index) => send('orders', `"many ${index}"`)));
    await host.drainQueues();
    assert.equal(logged(/order "many \d+"/).length, 60);
  });

  it('retries a failed message after the visibility timeout of host.json, then moves it to the poison queue', async () => {
    await send('bad-orders', '"b"');
    const tries = () => logged(/failed: Error: try/).length;
    for (const done of [1, 2, 3]) {
      await host.drainQueues();
      assert.equal(tries(), done);
      time.advance(29_000);
      await host.drainQueues();
      assert.equal(tries(), done);
      time.advance(2_000);
    }
    await host.drainQueues();
    assert.equal(tries(), 3);
    const { peekedMessageItems } = await queueOf('bad-orders-poison').peekMessages();
    assert.deepEqual(
      peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString()),
      ['"b"'],
    );
  });

  it('receives a delayed message when it becomes visible', async () => {
    await send('orders', '"later"', 4 * 60 * 60);
    time.advance(3 * 60 * 60_000);
    await host.drainQueues();
    assert.equal(logged(/order "later"/).length, 0);
    time.advance(61 * 60_000);
    await host.drainQueues();
    assert.equal(logged(/order "later"/).length, 1);
  });

  it('runs a function manually with a given message', async () => {
    await host.runFunction('onOrder', '{"by":"hand"}');
    assert.equal(logged(/order \{"by":"hand"\}/).length, 1);
    const response = await fetch(`${host.url}/admin/functions/onOrder`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-functions-key': 'master-key' },
      body: JSON.stringify({ input: '{"by":"admin"}' }),
    });
    assert.equal(response.status, 202);
  });

  it('leaves out a function whose storage account is missing', () => {
    const { type, error } = host.functions.find(({ name }) => name === 'onNothing') ?? assert.fail('It is not told');
    assert.deepEqual([type, error], ['inError', 'its listener cannot start: the setting "MissingStorage" is missing.']);
  });

  it('runs the app at the time of the test', async () => {
    const [now, date, text] = JSON.parse(await (await fetch(`${host.url}/api/now`)).text());
    assert.ok(Math.abs(now - time.now()) < 5_000);
    assert.ok(Math.abs(Date.parse(date) - time.now()) < 5_000);
    assert.equal(text, 'string');
  });
});

it('a message is delivered again when the app is killed while processing it', async () => {
  await send('held-orders', '"h"');
  const held = () => logged(/held "h"/).length;
  while (held() < 1) await new Promise((resolve) => setImmediate(resolve));
  process.kill(host.appPid ?? assert.fail('It does not run'), 'SIGKILL');
  while (logged(/is started again/).length < 1) await new Promise((resolve) => setImmediate(resolve));
  while (held() < 2) {
    time.advance(31_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
});
