import * as z from 'zod/mini';
import type { HuntingLines } from '../defender/hunting-lines.ts';
import type { HuntingColumn } from '../defender/hunting-result.ts';
import type { BlobContainer } from '../storage/blobs.ts';

/** A hunting result that is kept, with each row as its JSON. */
export interface StoredHunt {
  schema: HuntingColumn[];
  rows: AsyncIterable<string>;
}

const chunkCharacters = 1_000_000;
const schemaLine = z.array(z.object({ name: z.string(), type: z.string() }));

/** The columns in the first line, a row in each of the others. */
export async function storeLines(blobs: BlobContainer, name: string, { schema, rows }: HuntingLines): Promise<void> {
  await blobs.write(name, toChunks(schema, rows));
}

/** Undefined when there is none. */
export async function openLines(blobs: BlobContainer, name: string): Promise<StoredHunt | undefined> {
  const content = await blobs.read(name);
  if (content === undefined) return undefined;
  const lines = toLines(content);
  const { value: first } = await lines.next();
  return { schema: schemaLine.parse(JSON.parse(first ?? '')), rows: lines };
}

async function* toChunks(schema: HuntingColumn[], rows: Iterable<string>): AsyncGenerator<Uint8Array> {
  let text = `${JSON.stringify(schema)}\n`;
  for (const row of rows) {
    // A line break between two members is no more than a blank.
    text += `${row.replaceAll(/[\r\n]+/g, ' ')}\n`;
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

async function* toLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of content) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
  return undefined;
}
