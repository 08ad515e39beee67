import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pieceBytes, toPieces } from '../../../shared/storage/pieces.ts';

async function sizesOf(content: Parameters<typeof toPieces>[0]): Promise<number[]> {
  const sizes: number[] = [];
  for await (const piece of toPieces(content)) sizes.push(piece.length);
  return sizes;
}

async function* chunks(size: number, count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield new Uint8Array(size);
}

describe('pieces', () => {
  it('are one empty piece without content', async () => {
    assert.deepEqual(await sizesOf(''), [0]);
    assert.deepEqual(await sizesOf(chunks(1, 0)), [0]);
  });

  it('end without an empty piece at a boundary', async () => {
    assert.deepEqual(await sizesOf(new Uint8Array(pieceBytes)), [pieceBytes]);
    assert.deepEqual(await sizesOf(chunks(pieceBytes / 2, 4)), [pieceBytes, pieceBytes]);
  });

  it('are independent of the chunks', async () => {
    assert.deepEqual(await sizesOf(chunks(3_000_000, 3)), [pieceBytes, pieceBytes, 9_000_000 - 2 * pieceBytes]);
    assert.deepEqual(await sizesOf(chunks(9_000_000, 1)), [pieceBytes, pieceBytes, 9_000_000 - 2 * pieceBytes]);
  });
});
