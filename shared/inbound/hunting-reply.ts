import * as z from 'zod/mini';
import type { HuntingResult } from '../defender/hunting-result.ts';
import { described } from '../schema.ts';
import { chooseMediaType } from './accept.ts';
import type { ReplyFormat } from './reply.ts';

const resultSchema = z.object({
  schema: described(z.array(z.object({ name: z.string(), type: z.string() })), 'The columns, in order'),
  results: described(z.array(z.looseObject({})), 'The rows: column name to value'),
});

const writers = {
  'application/json': { contentType: 'application/json; charset=utf-8', write: JSON.stringify },
  'text/csv': { contentType: 'text/csv; charset=utf-8', write: toCsv },
  'application/x-ndjson': { contentType: 'application/x-ndjson', write: toNdjson },
};

/** A hunting result in the format that the caller accepts. */
export const huntingReply: ReplyFormat<HuntingResult> = {
  contents: { 'application/json': resultSchema, 'text/csv': z.string(), 'application/x-ndjson': z.string() },
  description: 'The result of the query, in the format that Accept asks for',
  statuses: [200],
  isPage: false,
  negotiate(accept) {
    const { contentType, write } =
      writers[chooseMediaType(accept, ['application/json', 'text/csv', 'application/x-ndjson'])];
    return (result) => ({ contentType, body: write(result) });
  },
};

function toNdjson({ results }: HuntingResult): string {
  return results.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** RFC 4180. */
function toCsv({ schema, results }: HuntingResult): string {
  const names = schema.map(({ name }) => name);
  const lines = [names.map(toField), ...results.map((row) => names.map((name) => toField(row[name])))];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}

function toField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text =
    typeof value === 'string' ? defuse(value) : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet would run a text that begins like a formula, and rows hold what attackers wrote. */
const defuse = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
