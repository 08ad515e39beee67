/** Present in every supported Node.js, missing in TypeScript's library. */
interface SourceTextAccess {
  parse(text: string, revive: (name: string, value: unknown, context: { source: string }) => unknown): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
}

const json = JSON as unknown as SourceTextAccess;

/**
 * Parses a JSON object. An integer with more digits than a double holds (64-bit columns of hunting) keeps them when written again with
 * `JSON.stringify`.
 * @throws {SyntaxError} when the text is not a JSON object.
 */
export function parseExactly(text: string): Record<string, unknown> {
  const parsed: unknown = /\d{16}/.test(text) ? json.parse(text, keepDigits) : JSON.parse(text);
  if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  throw new SyntaxError('Not a JSON object');
}

const keepDigits = (_: string, value: unknown, { source }: { source: string }): unknown =>
  /^-?\d{16,}$/.test(source) && String(value) !== source ? json.rawJSON(source) : value;

/** Whether a parsed value is an integer with more digits than a double holds. */
export const isRawNumber = (value: unknown): boolean => json.isRawJSON(value);
