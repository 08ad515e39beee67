import { RequestError } from '../errors.ts';

interface Range {
  type: string;
  quality: number;
}

/**
 * The media type that an `Accept` header prefers (RFC 9110, 12.5.1); among equals, the first of `offered`.
 * @throws {RequestError} 406 if it accepts none of them.
 */
export function chooseMediaType<T extends string>(accept: string | undefined, offered: readonly [T, ...T[]]): T {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept.split(',').map(parseRange);
  let best: { type: T; quality: number } | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  if (best !== undefined) return best.type;
  throw new RequestError(406, 'NotAcceptable', `The Accept header must allow one of ${offered.join(', ')}.`);
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: Number.isNaN(quality) ? 1 : quality };
}

/** The most specific range wins. */
function qualityOf(type: string, ranges: Range[]): number {
  const group = `${type.split('/')[0]}/*`;
  for (const candidate of [type, group, '*/*']) {
    const range = ranges.find((each) => each.type === candidate);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
