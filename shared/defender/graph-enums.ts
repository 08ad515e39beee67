import { determinations } from './enum-aliases.ts';

/** The values for which Microsoft Graph has a word of its own. */
const ownWords: ReadonlyMap<string, string> = new Map([
  ['UnSpecified', 'unknown'],
  ['Clean', 'notMalicious'],
  ['NoEnoughDataToValidate', 'notEnoughDataToValidate'],
]);

/** A canonical value as Graph's metadata spells it: in camelCase. */
export const toGraphSpelling = (canonical: string): string => ownWords.get(canonical) ?? toCamelCase(canonical);

/** A determination as Graph may take it: its metadata's spelling first, since its pages disagree with it and with each other. */
export function toGraphDeterminations(canonical: string): string[] {
  const others = [...determinations.alternatives(canonical), canonical].map(toCamelCase);
  return [...new Set([toGraphSpelling(canonical), ...others])];
}

const toCamelCase = (value: string): string => value.slice(0, 1).toLowerCase() + value.slice(1);
