import type { Random } from '../sandbox/data/random.ts';

const oddTexts = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\ufeff',
  '\u202e',
  'ſ',
  '\r\nx-injected: 1',
  '../../..',
  '%2e%2e%2f',
  '%',
  "' or 1=1 --",
  '<script>alert(1)</script>',
  '{{7*7}}',
  '$(id)',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '1e400',
  '-0',
  '9007199254740993',
  '0x10',
  'null',
  'undefined',
  'true',
  '2026-11-28T10:54:41.845',
  '-271821-04-20T00:00:00Z',
  '2026-02-30T00:00:00Z',
  'P1Y2M10DT2H30M',
  '*'.repeat(300),
  'a'.repeat(20_000),
  '💥'.repeat(5_000),
  'https://127.0.0.1/',
  'https://prod-01.westeurope.logic.azure.com@evil.example/',
  'a,'.repeat(500),
] as const;

export const oddText = (random: Random): string => random.pick(oddTexts);

/** A JSON value that no schema expects: other types, depth, prototypes, huge counts. */
export function oddValue(random: Random): unknown {
  switch (random.integer(0, 9)) {
    case 0:
      return null;
    case 1:
      return random.pick([0, -1, 1.5, 1e308, -1e308, Number.MAX_SAFE_INTEGER + 2, 2 ** 31] as const);
    case 2:
      return random.chance(0.5);
    case 3:
      return [];
    case 4:
      return {};
    case 5:
      return nest(random.pick([8, 40, 3_000] as const));
    case 6:
      return Array.from({ length: random.pick([2, 25, 1_500] as const) }, () => oddText(random).slice(0, 20));
    case 7:
      return JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    case 8:
      return Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`member${index}`, index]));
    default:
      return oddText(random);
  }
}

function nest(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Replaces, removes or adds something somewhere in a JSON value. */
export function mutate(value: unknown, random: Random): unknown {
  if (Array.isArray(value) && value.length > 0 && random.chance(0.8)) {
    const index = random.integer(0, value.length - 1);
    return value.map((item, at) => (at === index ? mutate(item, random) : item));
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && random.chance(0.9)) {
    const entries = Object.entries(value);
    const index = random.integer(0, entries.length);
    if (index === entries.length) return { ...value, [oddText(random).slice(0, 50)]: oddValue(random) };
    if (random.chance(0.2)) return Object.fromEntries(entries.filter((_, at) => at !== index));
    return Object.fromEntries(entries.map(([name, item], at) => [name, at === index ? mutate(item, random) : item]));
  }
  return oddValue(random);
}
