/** Where a JSON value stands in a text: from `start` up to, not including, `end`. */
export interface Span {
  start: number;
  end: number;
}

export interface ArrayOutline extends Span {
  elements: Span[];
}

/**
 * Finds the elements of the JSON array that begins at `start`, without building them, and makes sure of the grammar on the way. What is
 * passed on as it is need not be parsed: that costs twice the time, and as much again for the garbage. What stands between the quotation
 * marks of a string is not looked at.
 * @throws {SyntaxError} when no JSON array begins there.
 */
export function outlineArray(text: string, start: number): ArrayOutline {
  const elements: Span[] = [];
  const isObject = new Uint8Array(deepest);
  let depth = 0;
  let elementStart = start;
  let at = start;
  if (text.charCodeAt(at) !== openBracket) fail(at);

  for (;;) {
    // A value begins at `at`.
    if (depth === 1) elementStart = at;
    const code = text.charCodeAt(at);
    if (code === quotationMark) {
      at = skipString(text, at);
    } else if (code === openBrace || code === openBracket) {
      const first = skipBlanks(text, at + 1);
      const close = code === openBrace ? closeBrace : closeBracket;
      if (text.charCodeAt(first) !== close) {
        if (++depth === deepest) fail(at);
        isObject[depth] = code === openBrace ? 1 : 0;
        at = code === openBrace ? skipName(text, first) : first;
        continue;
      }
      at = first + 1;
    } else {
      at = skipScalar(text, at, code);
    }

    // A value ends at `at`, and with it perhaps what it is in.
    for (;;) {
      if (depth === 1) elements.push({ start: elementStart, end: at });
      else if (depth === 0) return { elements, start, end: at };
      at = skipBlanks(text, at);
      const next = text.charCodeAt(at);
      if (next === comma) {
        at = skipBlanks(text, at + 1);
        if (isObject[depth] === 1) at = skipName(text, at);
        break;
      }
      if (next !== (isObject[depth] === 1 ? closeBrace : closeBracket)) fail(at);
      depth--;
      at++;
    }
  }
}

const deepest = 256;
const [openBrace, closeBrace, openBracket, closeBracket] = [123, 125, 91, 93];
const [colon, comma, quotationMark, backslash, letterN] = [58, 44, 34, 92, 110];

/** Past a member's name and colon, to its value. */
function skipName(text: string, from: number): number {
  const at = skipBlanks(text, skipString(text, from));
  if (text.charCodeAt(at) !== colon) fail(at);
  return skipBlanks(text, at + 1);
}

function skipString(text: string, from: number): number {
  if (text.charCodeAt(from) !== quotationMark) fail(from);
  let end = text.indexOf('"', from + 1);
  while (text.charCodeAt(end - 1) === backslash && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? fail(from) : end + 1;
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first--;
  return (at - first) % 2 === 1;
}

const scalar = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function skipScalar(text: string, from: number, code: number): number {
  if (code === letterN && text.startsWith('null', from)) return from + 4;
  scalar.lastIndex = from;
  return scalar.test(text) ? scalar.lastIndex : fail(from);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code > 32 || (code !== 32 && code !== 10 && code !== 13 && code !== 9)) return at;
    at++;
  }
}

function fail(at: number): never {
  throw new SyntaxError(`Not JSON at position ${at}`);
}
