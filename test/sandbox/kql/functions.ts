import { type Expression, requireBool, type Scope, toText } from './expression.ts';
import { semanticError } from './query-error.ts';
import type { Value } from './table.ts';

/** @throws {QueryError} for an unknown function. */
export function callFunction(name: string, args: readonly Expression[], scope: Scope): Expression {
  const [first, second] = args;
  if (name === 'now' && args.length === 0) return { type: 'datetime', evaluate: () => scope.now };
  if (first && args.length === 1) {
    switch (name) {
      case 'ago':
        if (first.type !== 'timespan') throw semanticError('ago(): argument #1 must be a timespan.', scope.operator);
        return { type: 'datetime', evaluate: (row) => scope.now - toNumber(first.evaluate(row)) };
      case 'not':
        requireBool(first.type, scope);
        return { type: 'bool', evaluate: (row) => first.evaluate(row) !== true };
      case 'tolower':
        return { type: 'string', evaluate: (row) => toText(first.evaluate(row)).toLowerCase() };
      case 'toupper':
        return { type: 'string', evaluate: (row) => toText(first.evaluate(row)).toUpperCase() };
      case 'tostring':
        return { type: 'string', evaluate: (row) => toText(first.evaluate(row)) };
      case 'strlen':
        return { type: 'long', evaluate: (row) => toText(first.evaluate(row)).length };
      case 'isempty':
        return { type: 'bool', evaluate: (row) => toText(first.evaluate(row)) === '' };
      case 'isnotempty':
        return { type: 'bool', evaluate: (row) => toText(first.evaluate(row)) !== '' };
      case 'startofday':
        return { type: 'datetime', evaluate: (row) => floorTo(first.evaluate(row), 86_400_000) };
    }
  }
  if (name === 'bin' && first && second && args.length === 2) {
    return {
      type: first.type,
      ...(first.name !== undefined && { name: first.name }),
      evaluate: (row) => floorTo(first.evaluate(row), toNumber(second.evaluate(row))),
    };
  }
  throw semanticError(`Unknown function: '${name}', or not with ${args.length} argument(s).`, scope.operator);
}

function floorTo(value: Value, step: number): Value {
  return typeof value === 'number' && step > 0 ? Math.floor(value / step) * step : null;
}

function toNumber(value: Value): number {
  return typeof value === 'number' ? value : Number.NaN;
}
