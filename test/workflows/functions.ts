import assert from 'node:assert/strict';
import type { FunctionCall } from './expression.ts';

/** State that the functions of a workflow read. */
export interface Context {
  parameters: Record<string, unknown>;
  triggerBody: unknown;
  outputs: ReadonlyMap<string, unknown>;
  variables: ReadonlyMap<string, unknown>;
  loops: ReadonlyMap<string, unknown>;
  runName: string;
  item: unknown;
}

const find = (map: ReadonlyMap<string, unknown>, name: unknown): unknown => {
  assert.ok(map.has(String(name)), `Unknown or not yet set: ${name}`);
  return map.get(String(name)) ?? null;
};

const lengthOf = (value: unknown): number =>
  typeof value === 'string' || Array.isArray(value) ? value.length : assert.fail(`${value} has no length`);

const isIn = (collection: unknown, value: unknown): boolean =>
  typeof collection === 'string'
    ? collection.includes(String(value))
    : Array.isArray(collection) && collection.includes(value);

/** Functions of https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference, by lower-case name. */
const functions: Record<
  string,
  (context: Context, first: unknown, second: unknown, all: readonly unknown[]) => unknown
> = {
  parameters: ({ parameters }, name) => find(new Map(Object.entries(parameters)), name),
  triggerbody: ({ triggerBody }) => triggerBody,
  body: ({ outputs }, name) => Object(find(outputs, name)).body ?? null,
  outputs: ({ outputs }, name) => find(outputs, name),
  variables: ({ variables }, name) => find(variables, name),
  items: ({ loops }, name) => find(loops, name),
  item: ({ item }) => item,
  workflow: ({ runName }) => ({ run: { name: runName } }),
  listcallbackurl: () => 'https://prod-01.westeurope.logic.azure.com/callback',
  concat: (_, _first, _second, all) =>
    all.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(''),
  json: (_, text) => JSON.parse(String(text)),
  string: (_, value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  tolower: (_, text) => String(text).toLowerCase(),
  encodeuricomponent: (_, text) => encodeURIComponent(String(text)),
  coalesce: (_, _first, _second, all) => all.find((each) => each !== null) ?? null,
  length: (_, value) => lengthOf(value),
  empty: (_, value) => value === null || lengthOf(value) === 0,
  first: (_, list) => (Array.isArray(list) ? (list[0] ?? null) : assert.fail('Expected a list')),
  union: (_, first, second) =>
    Array.isArray(first) && Array.isArray(second)
      ? [...new Set([...first, ...second])]
      : assert.fail('Expected a list'),
  contains: (_, collection, value) => isIn(collection, value),
  equals: (_, a, b) => a === b,
  greater: (_, a, b) => Number(a) > Number(b),
  not: (_, value) => value !== true,
  and: (_, _first, _second, all) => all.every((each) => each === true),
  or: (_, _first, _second, all) => all.some((each) => each === true),
};

export function callFunction({ name, arguments: all }: FunctionCall, context: Context): unknown {
  const found = functions[name.toLowerCase()] ?? assert.fail(`Unsupported function: ${name}`);
  return found(context, all[0], all[1], all);
}

export const isFunction = (name: string): boolean => functions[name.toLowerCase()] !== undefined;
