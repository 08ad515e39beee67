import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outlineArray } from '../../../shared/defender/array-outline.ts';

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const scalars = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  -2.5e-7,
  '',
  'a',
  '"',
  '\\',
  '\\"',
  '[]{},:',
  'ü€😀',
  '\n\t',
  '\\\\"',
];

function createValue(random: (below: number) => number, depth: number): unknown {
  const kind = random(depth > 3 ? 1 : 3);
  if (kind === 0) return scalars[random(scalars.length)];
  const items = Array.from({ length: random(4) }, () => createValue(random, depth + 1));
  return kind === 1
    ? items
    : Object.fromEntries(items.map((item, index) => [`${scalars[random(scalars.length)]}${index}`, item]));
}

const isAccepted = (action: () => unknown): boolean => {
  try {
    action();
    return true;
  } catch {
    return false;
  }
};

/** The whole text is one array. */
const accepts = (text: string): boolean => isAccepted(() => assert.equal(outlineArray(text, 0).end, text.length));

describe('the outline of an array', () => {
  it('finds the elements where they stand', () => {
    const text = 'x[ {"a":[1,"]"]} ,2 , "\\"," ,[[]],{} ,null]y';
    const { elements, end } = outlineArray(text, 1);
    assert.deepEqual(
      elements.map((span) => text.slice(span.start, span.end)),
      ['{"a":[1,"]"]}', '2', '"\\","', '[[]]', '{}', 'null'],
    );
    assert.equal(text.slice(end), 'y');
  });

  it('finds in any array the elements that a parser finds', () => {
    const random = createRandom(1);
    for (let round = 0; round < 2_000; round++) {
      const values = Array.from({ length: random(5) }, () => createValue(random, 0));
      const text = JSON.stringify(values, undefined, random(3));
      const found = outlineArray(text, 0).elements.map(({ start, end }) => JSON.parse(text.slice(start, end)));
      assert.deepEqual(found, values);
    }
  });

  it('refuses what a parser refuses: texts that are cut', () => {
    const text = JSON.stringify([{ a: [1, 'b"', null], c: { d: true } }, -1.5e3]);
    for (let length = 1; length < text.length; length++)
      assert.equal(accepts(text.slice(0, length)), false, text.slice(0, length));
  });

  it('refuses what a parser refuses: texts in which a character was changed, doubled or lost', () => {
    const random = createRandom(2);
    const characters = '{}[],:"\\ 0-.e+ntruefals';
    let refused = 0;
    for (let round = 0; round < 20_000; round++) {
      // Without strings, whose inside is not looked at.
      const text = JSON.stringify([{ a: [1, -2.5, null], b: { c: true } }, 3e5, [], false]);
      const at = 1 + random(text.length - 1);
      const replacement = ['', `${text[at]}${text[at]}`, characters[random(characters.length)]][random(3)];
      const mutated = text.slice(0, at) + replacement + text.slice(at + 1);
      const isJson = isAccepted(() => JSON.parse(mutated));
      if (!isJson) refused++;
      assert.equal(accepts(mutated), isJson, mutated);
    }
    assert.ok(refused > 5_000);
  });

  it('refuses what is nested deeper than any answer of Defender', () => {
    assert.ok(accepts('['.repeat(200) + ']'.repeat(200)));
    assert.ok(!accepts('['.repeat(300) + ']'.repeat(300)));
  });
});
