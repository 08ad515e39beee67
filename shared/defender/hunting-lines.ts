import type { Api } from '../clouds.ts';
import { type HuntingColumn, type HuntingResult, parseHuntingResult } from './hunting-result.ts';
import { malformed } from './service-page.ts';

/** A hunting result whose rows are read one by one, each as its JSON. */
export interface HuntingLines {
  schema: HuntingColumn[];
  rows: Iterable<string>;
}

/**
 * Reads the answer of either service without making objects of all of it at once. A row goes on as it is, with every digit that it has,
 * unless its members have to be spelled as the columns are.
 * @throws {UpstreamError} when it is no hunting result; of a row, when that row is read.
 */
export function readHuntingLines(api: Api, text: string): HuntingLines {
  const members = findMembers(api, text);
  const results = members.get('results');
  const schema = members.get('schema');
  if (results === undefined || schema === undefined) throw malformed(api);
  const parse = (row: string): HuntingResult =>
    parseHuntingResult(api, `{"schema":${text.slice(...schema)},"results":[${row}]}`);
  const { schema: columns } = parse('');
  return { schema: columns, rows: readRows(api, text, results[0], columns, parse) };
}

function* readRows(
  api: Api,
  text: string,
  start: number,
  columns: readonly HuntingColumn[],
  parse: (row: string) => HuntingResult,
): Generator<string> {
  const names = new Set(columns.map(({ name }) => name));
  for (const [from, to] of findElements(api, text, start)) {
    const row = text.slice(from, to);
    const [parsed] = parse(row).results;
    if (parsed === undefined) throw malformed(api);
    const isSpelledRight = Object.keys(parsed).every((member) => names.has(member)) && isUnchanged(row, parsed);
    yield isSpelledRight ? row : JSON.stringify(parsed);
  }
}

/** Whether the members of a row are those of its text: they are spelled anew where they have to be. */
const isUnchanged = (row: string, parsed: object): boolean =>
  Object.keys(parsed).every((member) => row.includes(JSON.stringify(member)));

type Span = [from: number, to: number];

/** Where the value of each member of an object is, by its name in lower case. */
function findMembers(api: Api, text: string): Map<string, Span> {
  const members = new Map<string, Span>();
  let at = skipBlank(text, 0);
  if (text[at] !== '{') throw malformed(api);
  for (at = skipBlank(text, at + 1); text[at] !== '}'; ) {
    const nameEnd = skipValue(api, text, at);
    const from = skipBlank(text, skipBlank(text, nameEnd) + 1);
    const to = skipValue(api, text, from);
    members.set(String(JSON.parse(text.slice(at, nameEnd))).toLowerCase(), [from, to]);
    at = skipSeparator(text, to);
  }
  return members;
}

/** Where each element of an array is. */
function* findElements(api: Api, text: string, start: number): Generator<Span> {
  if (text[start] !== '[') throw malformed(api);
  for (let at = skipBlank(text, start + 1); text[at] !== ']'; ) {
    const to = skipValue(api, text, at);
    yield [at, to];
    at = skipSeparator(text, to);
  }
}

function skipSeparator(text: string, at: number): number {
  const next = skipBlank(text, at);
  return text[next] === ',' ? skipBlank(text, next + 1) : next;
}

const blank = /[^\s]/g;

function skipBlank(text: string, at: number): number {
  blank.lastIndex = at;
  return blank.exec(text)?.index ?? text.length;
}

const structure = /["{}[\]]/g;
const scalarEnd = /[\s,\]}]/g;

/** The end of the value that begins here; whether it is a good one is for whoever parses it. */
function skipValue(api: Api, text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    structure.lastIndex = at;
    const found = at === start && !/["{[]/.test(text[start] ?? '') ? undefined : structure.exec(text);
    if (found === undefined) return findScalarEnd(api, text, start);
    if (found === null) throw malformed(api);
    if (found[0] === '"') at = skipString(api, text, found.index);
    else {
      depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
      at = found.index + 1;
    }
  } while (depth > 0);
  return at;
}

function findScalarEnd(api: Api, text: string, start: number): number {
  scalarEnd.lastIndex = start;
  const end = scalarEnd.exec(text)?.index;
  if (end === undefined || end === start) throw malformed(api);
  return end;
}

function skipString(api: Api, text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw malformed(api);
    let escapes = 0;
    while (text[quote - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
