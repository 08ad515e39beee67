import * as z from 'zod/mini';
import type { HuntingPart } from '../../shared/defender/hunting-stream.ts';
import { chooseMediaType } from '../../shared/inbound/accept.ts';
import type { Reply, ReplyFormat } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { type Format, type FormatRows, formats } from './hunting-format.ts';

const resultSchema = z.object({
  schema: withDescription(
    z.array(
      z.object({ name: withDescription(z.string(), 'Name'), type: withDescription(z.string(), 'Type in Kusto') }),
    ),
    'Columns, in order',
  ),
  results: withDescription(z.array(z.looseObject({})), 'Rows: column name to value'),
});

/** A result to read, from the start if it is read again, or the URL of a query that still runs. */
export type Hunt =
  | { read(consume: (parts: AsyncIterable<HuntingPart>) => Promise<void>): Promise<void> }
  | { location: string; isAccepted: boolean };

/** A hunting result in the format that the caller accepts; 202 while the query runs. */
export const huntingReply: ReplyFormat<Hunt> = {
  contents: { 'application/json': resultSchema, 'text/csv': z.string(), 'application/x-ndjson': z.string() },
  acceptedContents: { 'application/json': z.object({}) },
  description: 'Result of the query in the format that `Accept` names; 202 while it runs',
  statuses: [200, 202],
  isPage: false,
  requireAcceptable: (accept) => void chooseFormat(accept),
  /** Rows become bytes while they arrive: the memory holds a large result once. */
  async serialize(hunt, { headers }) {
    if ('location' in hunt) return toRunning(hunt);
    const { contentType, format } = chooseFormat(headers.get('accept') ?? undefined);
    let chunks: Uint8Array[] = [];
    await hunt.read(async (parts) => {
      chunks = [];
      for await (const chunk of write(format, parts)) chunks.push(chunk);
    });
    return { contentType, stream: drain(chunks) };
  },
};

const chooseFormat = (accept: string | undefined) =>
  formats[chooseMediaType(accept, ['application/json', 'text/csv', 'application/x-ndjson'])];

const retryAfterSeconds = 5;

const toRunning = ({ location, isAccepted }: { location: string; isAccepted: boolean }): Reply => ({
  status: 202,
  headers: {
    location,
    'retry-after': String(retryAfterSeconds),
    ...(isAccepted && { 'preference-applied': 'respond-async' }),
  },
  contentType: 'application/json; charset=utf-8',
  body: '{}',
});

/** Releases each chunk that is taken. */
async function* drain(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  chunks.reverse();
  for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) yield chunk;
}

/** Small enough for the young generation of the heap, which is collected often. */
const chunkCharacters = 60_000;

async function* write(format: Format['format'], parts: AsyncIterable<HuntingPart>): AsyncGenerator<Uint8Array> {
  let rows: FormatRows | undefined;
  let text = '';
  let separator = '';
  for await (const part of parts) {
    if ('schema' in part) {
      rows = format(part.schema);
      text += rows.head;
      continue;
    }
    text += separator + rows?.toText(part.row);
    separator = rows?.separator ?? '';
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text + (rows?.tail ?? ''));
}
