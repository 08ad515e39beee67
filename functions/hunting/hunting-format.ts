import { parseExactly } from '../../shared/defender/exact-json.ts';
import type { HuntingColumn } from '../../shared/defender/hunting-result.ts';

/** How the rows of a hunting result are written as text. */
export interface FormatRows {
  head: string;
  /** @param json a row as JSON. */
  toText(json: string): string;
  separator: string;
  tail: string;
}

export interface Format {
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
  if (typeof value === 'string') return quote(defuse(value));
  return typeof value === 'object' ? quote(JSON.stringify(value)) : String(value);
}

/**
 * Quotes every text that a spreadsheet could split: at commas or, depending on its locale, at semicolons, pipes, tabs and line breaks of
 * every kind. Only quotes preserve surrounding white space.
 */
const quote = (text: string): string =>
  /[",;|\t\v\f\r\n\u0085\u2028\u2029]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * A spreadsheet runs text that starts like a formula, in full-width characters too, and skips white space and control characters before
 * it; some take a leading tab or line break for one. Rows contain what attackers wrote.
 */
const defuse = (text: string): string => (/^[\t\r\n]|^[\s\p{C}]*[=+\-@＝＋－＠]/u.test(text) ? `'${text}` : text);
