import { parseExactly } from '../../shared/defender/exact-json.ts';
import type { HuntingColumn } from '../../shared/defender/hunting-result.ts';

/** How the rows of a hunting result are written. */
export interface FormatRows {
  head: string;
  /** A row, given as its JSON. */
  toText(json: string): string;
  separator: string;
  tail: string;
}

interface Format {
  contentType: string;
  format(schema: readonly HuntingColumn[]): FormatRows;
}

export const formats: Record<'application/json' | 'text/csv' | 'application/x-ndjson', Format> = {
  'application/json': {
    contentType: 'application/json; charset=utf-8',
    format: (schema) => ({
      head: `{"schema":${JSON.stringify(schema)},"results":[`,
      toText: (json) => json,
      separator: ',',
      tail: ']}',
    }),
  },
  'application/x-ndjson': {
    contentType: 'application/x-ndjson',
    format: () => ({ head: '', toText: (json) => `${json}\n`, separator: '', tail: '' }),
  },
  /** RFC 4180. */
  'text/csv': {
    contentType: 'text/csv; charset=utf-8',
    format(schema) {
      const names = schema.map(({ name }) => name);
      const toLine = (fields: readonly unknown[]) => `${fields.map(toField).join(',')}\r\n`;
      const toText = (json: string) => {
        const values = new Map(Object.entries(parseExactly(json)));
        return toLine(names.map((name) => values.get(name)));
      };
      return { head: toLine(names), toText, separator: '', tail: '' };
    },
  },
};

function toField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text =
    typeof value === 'string' ? defuse(value) : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet would run a text that begins like a formula, and rows hold what attackers wrote. */
const defuse = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
