import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBlobContainer } from '../../shared/storage/blobs.ts';
import type { TestAccount } from './test-account.ts';

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

export function testBlobs({ name, account, managedIdentity, platform }: TestAccount): void {
  let containers = 0;
  const newContainer = () => {
    const { authorization, blobUrl = '' } = account;
    return openBlobContainer({
      name: `container-${++containers}`,
      blobUrl,
      account: { authorization },
      managedIdentity,
      platform,
    });
  };

  describe(`a container of blobs of ${name}`, () => {
    it('reads as empty before it exists', async () => {
      const container = await newContainer();
      assert.equal(await container.read('a'), undefined);
      await container.delete('a');
      await container.deleteOlder(Date.now());
    });

    it('creates itself for the first blob, and returns the content', async () => {
      const container = await newContainer();
      for (const text of ['Zoë', '']) {
        await container.write('folder/a b', text);
        assert.equal(await textOf(await container.read('folder/a b')), text);
      }
      assert.equal(await container.read('folder'), undefined);
    });

    it('overwrites and deletes a blob', async () => {
      const container = await newContainer();
      await container.write('a', 'first');
      await container.write('a', Buffer.from('second'));
      assert.equal(await textOf(await container.read('a')), 'second');
      await container.delete('a');
      assert.equal(await container.read('a'), undefined);
    });

    it('streams fifty megabytes in blocks', async () => {
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

    it('keeps the old content when the new one breaks off', async () => {
      const container = await newContainer();
      await container.write('a', 'first');
      async function* breakingOff() {
        yield* megabytes(9);
        throw new Error('It broke off');
      }
      await assert.rejects(container.write('a', breakingOff()), /It broke off/);
      assert.equal(await textOf(await container.read('a')), 'first');
    });

    it('never mixes two writes of one blob at the same time', async () => {
      const container = await newContainer();
      async function* fill(character: string) {
        for (let index = 0; index < 5; index++) yield Buffer.alloc(2_000_000, character);
      }
      const writes = await Promise.allSettled(['a', 'b'].map((character) => container.write('x', fill(character))));
      assert.ok(writes.some(({ status }) => status === 'fulfilled'));
      const text = (await textOf(await container.read('x'))) ?? '';
      assert.match(text.slice(0, 1) + text.slice(-1), /^(aa|bb)$/);
      assert.equal(text, text.slice(0, 1).repeat(10_000_000));
    });

    it('deletes only blobs older than an instant', async () => {
      const container = await newContainer();
      await container.write('a', 'first');
      await container.deleteOlder(Date.now() - 60_000);
      assert.equal(await textOf(await container.read('a')), 'first');
      await container.deleteOlder(Date.now() + 60_000);
      assert.equal(await container.read('a'), undefined);
    });
  });
}
