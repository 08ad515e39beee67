import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HuntingPart } from '../../../shared/defender/hunting-stream.ts';
import { openParts, storeRows } from '../../../shared/hunts/hunting-rows-blob.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';

async function* arrive(rows: readonly string[]): AsyncGenerator<HuntingPart> {
  yield { schema: [{ name: 'A', type: 'String' }] };
  for (const row of rows) yield { row };
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function collect<T>(items: AsyncIterable<T> | undefined): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items ?? []) all.push(item);
  return all;
}

test('stored rows are read back unchanged, independent of chunk boundaries', async () => {
  const blobs = createFakeBlobs(() => 0);
  const rows = Array.from({ length: 3_000 }, (_, index) => JSON.stringify({ A: `${index}ü€😀`.padEnd(1_000, 'x') }));
  const columns = await storeRows(blobs, 'one', arrive(rows));
  const divided = {
    ...blobs,
    async read(name: string) {
      return inPieces(Buffer.concat(await collect(await blobs.read(name))), 1_007);
    },
  };
  const parts = await collect(await openParts(divided, 'one', columns));
  assert.deepEqual(parts, [{ schema: columns }, ...rows.map((row) => ({ row }))]);
});
