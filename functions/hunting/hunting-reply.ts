import * as z from 'zod/mini';
import type { HuntingColumn } from '../../shared/defender/hunting-result.ts';
import { chooseMediaType } from '../../shared/inbound/accept.ts';
import type { Reply, ReplyFormat } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { type FormatRows, formats } from './hunting-format.ts';

const resultSchema = z.object({
  schema: withDescription(z.array(z.object({ name: z.string(), type: z.string() })), 'The columns, in order'),
  results: withDescription(z.array(z.looseObject({})), 'The rows: column name to value'),
});

/** A hunt: its result, each row as its JSON, at hand (and then used up) or kept elsewhere, or where to ask for it while it runs. */
export type Hunt =
  | { schema: HuntingColumn[]; rows: string[] | AsyncIterable<string> }
  | { location: string; isAccepted: boolean };

/** A hunting result in the format that the caller accepts; 202 while it runs. */
export const huntingReply: ReplyFormat<Hunt> = {
  contents: { 'application/json': resultSchema, 'text/csv': z.string(), 'application/x-ndjson': z.string() },
  acceptedContents: { 'application/json': z.object({}) },
  description: 'The result of the query, in the format that Accept asks for; 202 while it runs',
  statuses: [200, 202],
  isPage: false,
  requireAcceptable: (accept) => void chooseFormat(accept),
  serialize(hunt, { headers }) {
    if ('location' in hunt) return toRunning(hunt);
    const { contentType, format } = chooseFormat(headers.get('accept') ?? undefined);
    return { contentType, stream: write(format(hunt.schema), Array.isArray(hunt.rows) ? take(hunt.rows) : hunt.rows) };
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

/** What is written need not be held any longer: the host holds it by then. */
function* take(rows: string[]): Generator<string> {
  rows.reverse();
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) yield row;
}

const chunkCharacters = 500_000;

async function* write(
  { head, toText, separator, tail }: FormatRows,
  rows: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<Uint8Array> {
  let text = head;
  let isFirst = true;
  for await (const row of rows) {
    text += (isFirst ? '' : separator) + toText(row);
    isFirst = false;
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text + tail);
}
