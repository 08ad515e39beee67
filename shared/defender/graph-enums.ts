import { determinations } from './enum-aliases.ts';

/** Values whose Graph spelling is not their camelCase. */
const graphOnly: ReadonlyMap<string, string> = new Map([
  ['UnSpecified', 'unknown'],
  ['Clean', 'notMalicious'],
  ['NoEnoughDataToValidate', 'notEnoughDataToValidate'],
]);

/** Converts a canonical value to the spelling of Graph's metadata. */
export const toGraphSpelling = (canonical: string): string => graphOnly.get(canonical) ?? toCamelCase(canonical);

/** Spellings of a determination that Graph may accept, that of its metadata first: its pages contradict the metadata and each other. */
export function toGraphDeterminations(canonical: string): string[] {
  const others = [...determinations.aliasesOf(canonical), canonical].map(toCamelCase);
  return [...new Set([toGraphSpelling(canonical), ...others])];
}

const toCamelCase = (value: string): string => value.slice(0, 1).toLowerCase() + value.slice(1);
