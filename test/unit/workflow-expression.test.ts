import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate, findCalls } from '../workflows/expression.ts';

const incident = { incidentId: 7, tags: ['a', 'b'], owner: null };
const resolve = (value: unknown) =>
  evaluate(value, ({ name, arguments: [first, second] }) => {
    if (name === 'triggerBody') return incident;
    if (name === 'concat') return `${first}${second}`;
    return assert.fail(`Unknown function ${name}`);
  });

describe('evaluate', () => {
  for (const [text, expected] of [
    ["@triggerBody()?['incidentId']", 7],
    ["@triggerBody()['tags'][1]", 'b'],
    ["@triggerBody()?['none']?['deeper']", null],
    ["@{triggerBody()?['incidentId']}", '7'],
    ["incidents/@{triggerBody()?['incidentId']}/@{concat('it''s ', 1)}", "incidents/7/it's 1"],
    ["@{triggerBody()?['owner']}-@{triggerBody()['tags']}", '-["a","b"]'],
    ['@concat( true , 1 )', 'true1'],
    ['@@me', '@me'],
    ['a@contoso.com', 'a@contoso.com'],
  ] as const) {
    test(`evaluates ${text} to ${JSON.stringify(expected)}`, () => assert.deepEqual(resolve(text), expected));
  }

  test('evaluates expressions at every depth', () => {
    assert.deepEqual(resolve({ a: ["@concat('x', 1)"], b: 1 }), { a: ['x1'], b: 1 });
  });

  for (const text of [
    '@',
    '@triggerBody',
    "@triggerBody()['none']",
    '@concat(1',
    '@concat(1 2)',
    '@{concat(1)',
    '@1x',
  ]) {
    test(`rejects ${text}`, () => assert.throws(() => resolve(text)));
  }

  test('findCalls returns the function calls of a value', () => {
    assert.deepEqual(findCalls({ a: "@body('Hunt')?[triggerBody()]", b: ["@{items('each')}"] }), [
      { name: 'body', arguments: ['Hunt'] },
      { name: 'triggerBody', arguments: [] },
      { name: 'items', arguments: ['each'] },
    ]);
  });
});
