/** What JSON has by now, and in every Node.js that this app runs on, and the type library has not yet. */
interface SourceTextAccess {
  parse(text: string, revive: (name: string, value: unknown, context: { source: string }) => unknown): unknown;
  rawJSON(text: string): object;
}

const json = JSON as unknown as SourceTextAccess;

/**
 * Parses a JSON object. A whole number with more digits than a double holds, as the 64-bit columns of hunting have, becomes something that
 * `JSON.stringify` writes as it came.
 * @throws {SyntaxError} when it is none.
 */
export function parseExactly(text: string): Record<string, unknown> {
  const parsed: unknown = /\d{16}/.test(text) ? json.parse(text, keepDigits) : JSON.parse(text);
  if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  throw new SyntaxError('Not a JSON object');
}

const keepDigits = (_: string, value: unknown, { source }: { source: string }): unknown =>
  /^-?\d{16,}$/.test(source) && String(value) !== source ? json.rawJSON(source) : value;
