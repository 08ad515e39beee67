import { createHash } from 'node:crypto';

type NonEmpty = readonly [unknown, ...unknown[]];

/** Believable but repeatable chance: the same seed gives the same sequence. */
export interface Random {
  /** From `minimum` to `maximum`, both included. */
  integer(minimum: number, maximum: number): number;
  /** The first items are the likelier ones. */
  pickEarly<T extends NonEmpty>(items: T): T[number];
  pick<T extends NonEmpty>(items: T): T[number];
  chance(probability: number): boolean;
  hex(digits: number): string;
  guid(): string;
}

export function createRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();

  /** Mulberry32: from 0 to below 1. */
  function fraction(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function hex(digits: number): string {
    let text = '';
    while (text.length < digits)
      text += Math.floor(fraction() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  }

  return {
    integer: (minimum, maximum) => minimum + Math.floor(fraction() * (maximum - minimum + 1)),
    pickEarly: (items) => items[Math.floor(fraction() ** 2 * items.length)] ?? items[0],
    pick: (items) => items[Math.floor(fraction() * items.length)] ?? items[0],
    chance: (probability) => fraction() < probability,
    hex,
    guid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  };
}
