import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createHttpClient } from '../../shared/outbound/transport.ts';
import { openBlobContainer } from '../../shared/storage/blobs.ts';
import { readStorageAccount } from '../../shared/storage-account.ts';
import { startAzurite } from '../storage/azurite.ts';
import { createFakeClock } from '../unit/fake-clock.ts';

const azurite = await startAzurite();
after(() => azurite.stop());
const account = readStorageAccount({ AzureWebJobsStorage: azurite.connectionString }, 'public');
assert.ok(account !== undefined && account !== 'invalid');
const { blobUrl = '', authorization } = account;
const noIdentity = { getToken: () => assert.fail('A key needs no token') };
const platform = { httpClient: createHttpClient({}), clock: createFakeClock(), random: () => 0 };
let containers = 0;
const newContainer = () =>
  openBlobContainer({
    name: `container-${++containers}`,
    blobUrl,
    account: { authorization },
    managedIdentity: noIdentity,
    platform,
  });

async function textOf(content: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (content === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const megabyte = Buffer.alloc(1_000_000, 'm');

async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield megabyte;
}

describe('a container of blobs', () => {
  it('that does not exist is empty', async () => {
    const container = await newContainer();
    assert.equal(await container.read('a'), undefined);
    await container.delete('a');
    await container.deleteOlder(Date.now());
  });

  it('is made by the first blob, and gives back what was written', async () => {
    const container = await newContainer();
    for (const text of ['Zoë', '']) {
      await container.write('folder/a b', text);
      assert.equal(await textOf(await container.read('folder/a b')), text);
    }
    assert.equal(await container.read('folder'), undefined);
  });

  it('writes a blob anew, and deletes it', async () => {
    const container = await newContainer();
    await container.write('a', 'first');
    await container.write('a', Buffer.from('second'));
    assert.equal(await textOf(await container.read('a')), 'second');
    await container.delete('a');
    assert.equal(await container.read('a'), undefined);
  });

  it('passes fifty megabytes through in pieces', async () => {
    const container = await newContainer();
    await container.write('large', megabytes(50));
    let bytes = 0;
    let largest = 0;
    for await (const piece of (await container.read('large')) ?? []) {
      assert.equal(piece.at(0), megabyte.at(0));
      bytes += piece.length;
      largest = Math.max(largest, piece.length);
    }
    assert.equal(bytes, 50_000_000);
    assert.ok(largest <= 4 * 1024 * 1024);
  });

  it('leaves what was there when the content breaks off', async () => {
    const container = await newContainer();
    await container.write('a', 'first');
    async function* breakingOff() {
      yield* megabytes(9);
      throw new Error('It broke off');
    }
    await assert.rejects(container.write('a', breakingOff()), /It broke off/);
    assert.equal(await textOf(await container.read('a')), 'first');
  });

  it('deletes what is older than an instant, and nothing else', async () => {
    const container = await newContainer();
    await container.write('a', 'first');
    await container.deleteOlder(Date.now() - 60_000);
    assert.equal(await textOf(await container.read('a')), 'first');
    await container.deleteOlder(Date.now() + 60_000);
    assert.equal(await container.read('a'), undefined);
  });
});
