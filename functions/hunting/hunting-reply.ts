import * as z from 'zod/mini';
import type { HuntingColumn } from '../../shared/defender/hunting-result.ts';
import { chooseMediaType } from '../../shared/inbound/accept.ts';
import type { Reply, ReplyFormat } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { type FormatRows, formats } from './hunting-format.ts';

const resultSchema = z.object({
  schema: withDescription(z.array(z.object({ name: z.string(), type: z.string() })), 'Columns, in order'),
  results: withDescription(z.array(z.looseObject({})), 'Rows: column name to value'),
});

/** A result, each row as JSON (an array is consumed), or the URL of a query that still runs. */
export type Hunt =
  | { schema: HuntingColumn[]; rows: string[] | AsyncIterable<string> }
  | { location: string; isAccepted: boolean };

/** A hunting result in the format that the caller accepts; 202 while the query runs. */
export const huntingReply: ReplyFormat<Hunt> = {
  contents: { 'application/json': resultSchema, 'text/csv': z.string(), 'application/x-ndjson': z.string() },
  acceptedContents: { 'application/json': z.object({}) },
  description: 'Result of the query in the format that `Accept` names; 202 while it runs',
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

/** Removes each row from the array, so that its memory is freed while the reply is written. */
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
