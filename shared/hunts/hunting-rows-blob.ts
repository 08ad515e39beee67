import type { HuntingColumn } from '../defender/hunting-result.ts';
import type { HuntingPart } from '../defender/hunting-stream.ts';
import type { BlobContainer } from '../storage/blobs.ts';

const chunkCharacters = 1_000_000;

/** Writes the rows of a result to a blob while they arrive, one JSON object per line. Returns the columns. */
export async function storeRows(
  blobs: BlobContainer,
  name: string,
  parts: AsyncIterable<HuntingPart>,
): Promise<HuntingColumn[]> {
  let columns: HuntingColumn[] = [];

  async function* toChunks(): AsyncGenerator<Uint8Array> {
    let text = '';
    for await (const part of parts) {
      if ('schema' in part) {
        columns = part.schema;
        continue;
      }
      text += `${part.row}\n`;
      if (text.length < chunkCharacters) continue;
      yield Buffer.from(text);
      text = '';
    }
    if (text !== '') yield Buffer.from(text);
  }

  await blobs.write(name, toChunks());
  return columns;
}

/** The result whose rows are in a blob, to be read once; undefined if the blob does not exist. */
export async function openParts(
  blobs: BlobContainer,
  name: string,
  schema: HuntingColumn[],
): Promise<AsyncIterable<HuntingPart> | undefined> {
  const content = await blobs.read(name);
  return content && toParts(schema, toLines(content));
}

async function* toParts(schema: HuntingColumn[], rows: AsyncIterable<string>): AsyncGenerator<HuntingPart> {
  yield { schema };
  for await (const row of rows) yield { row };
}

async function* toLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of content) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
