import type { Api } from '../clouds.ts';
import { malformed, parseEntity } from './entity.ts';
import { type HuntingColumn, parseColumns } from './hunting-result.ts';

/** A part of a hunting result: a row as one line of JSON with every digit kept, or the columns. */
export type HuntingPart = { row: string } | { schema: HuntingColumn[] };

/**
 * Reads a hunting response of either service while it arrives, one row at a time. The columns may come before or after the rows.
 * @throws {UpstreamError} as soon as the text turns out not to be a hunting result.
 */
export async function* readHuntingStream(api: Api, chunks: AsyncIterable<string>): AsyncGenerator<HuntingPart> {
  const splitter = createSplitter(() => {
    throw malformed(api);
  });
  for await (const chunk of chunks) {
    for (const { name, text, isElement } of splitter.take(chunk)) {
      if (name === 'schema') yield { schema: parseColumns(api, text) };
      if (name !== 'results') continue;
      if (!isElement) throw malformed(api);
      parseEntity(api, text);
      // Line breaks can only stand between members.
      yield { row: text.replaceAll(/[\r\n]+/g, ' ') };
    }
  }
  // Without results, nothing was found.
  if (!splitter.isWhole() || !splitter.names.has('schema')) throw malformed(api);
}

/** The value of a member of the outermost object, or an element of its `results`. */
interface Piece {
  /** In lower case. */
  name: string;
  text: string;
  isElement: boolean;
}

const inText = /["\\]/g;
const structure = /["{}[\]:,]/g;

/** Splits the chunked text of a JSON object into its members, and its `results` into elements. */
function createSplitter(raise: () => never) {
  const names = new Set<string>();
  let depth = 0;
  let isOver = false;
  let isInString = false;
  let isInResults = false;
  let name = '';
  let unit = '';
  let isEscaped = false;

  /** Handles the structural character at the end of `unit`; yields the piece that it completes. */
  function* meet(character: string): Generator<Piece> {
    const isOpening = character === '{' || character === '[';
    const isClosing = character === '}' || character === ']';
    const level = isInResults ? 2 : 1;
    if (depth === 0) {
      if (character !== '{' || unit.trim() !== '{' || isOver) raise();
      unit = '';
    } else if (depth === 1 && character === ':') {
      name = readName(unit.slice(0, -1), raise);
      if (names.has(name)) raise();
      names.add(name);
      unit = '';
    } else if (depth === 1 && character === '[' && name === 'results' && unit.trim() === '[') {
      isInResults = true;
      unit = '';
    } else if (depth === level && (isClosing || character === ',')) {
      const text = unit.slice(0, -1).trim();
      unit = '';
      if (text !== '' && name !== '') yield { name, text, isElement: isInResults };
      if (isClosing) isInResults = false;
      if (depth === 1 || isClosing) name = '';
    }
    if (isOpening) depth++;
    if (isClosing) depth--;
    isOver = depth === 0;
  }

  return {
    names,
    isWhole: () => isOver,
    *take(chunk: string): Generator<Piece> {
      let from = 0;
      while (from < chunk.length) {
        if (isEscaped) {
          isEscaped = false;
          unit += chunk[from++];
          continue;
        }
        const pattern = isInString ? inText : structure;
        pattern.lastIndex = from;
        const at = pattern.exec(chunk)?.index ?? chunk.length;
        unit += chunk.slice(from, at + 1);
        from = at + 1;
        const character = chunk[at];
        if (character === undefined) continue;
        if (character === '\\') isEscaped = true;
        else if (character === '"') isInString = !isInString;
        else yield* meet(character);
      }
    },
  };
}

function readName(text: string, raise: () => never): string {
  try {
    return String(JSON.parse(text)).toLowerCase();
  } catch {
    return raise();
  }
}
