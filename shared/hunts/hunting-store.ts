import { type HuntingColumn, renameRows } from '../defender/hunting-result.ts';
import type { HuntingPart } from '../defender/hunting-stream.ts';
import type { BlobContainer } from '../storage/blobs.ts';

const chunkCharacters = 1_000_000;

/** Keeps the rows of a result while it arrives, each as its JSON in a line, and gives the columns. */
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

/** The rows that were kept, members spelled as the columns are; undefined when there are none any more. */
export async function openRows(
  blobs: BlobContainer,
  name: string,
  columns: HuntingColumn[],
): Promise<AsyncIterable<string> | undefined> {
  const content = await blobs.read(name);
  return content && normalizeEnums(toLines(content), columns);
}

async function* normalizeEnums(rows: AsyncIterable<string>, columns: HuntingColumn[]): AsyncGenerator<string> {
  const respellRow = renameRows(columns);
  for await (const row of rows) yield respellRow(row);
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
