import type { Cursor } from './cursor.ts';
import { type Expression, requireBool, type Scope, toText } from './expression.ts';
import { callFunction } from './functions.ts';
import { semanticError, unresolvedName } from './query-error.ts';
import { stringOperators } from './string-operators.ts';
import type { ColumnType, Row, Value } from './table.ts';

/** @throws {QueryError} */
export function parseExpression(cursor: Cursor, scope: Scope): Expression {
  return parseLogical(cursor, scope, 'or');
}

function parseLogical(cursor: Cursor, scope: Scope, word: 'or' | 'and'): Expression {
  const parseOperand = () => (word === 'or' ? parseLogical(cursor, scope, 'and') : parseComparison(cursor, scope));
  const first = parseOperand();
  const operands = [first];
  while (cursor.accept(word)) operands.push(parseOperand());
  if (operands.length === 1) return first;
  for (const { type } of operands) requireBool(type, scope);
  const evaluate = (row: Row) =>
    word === 'or'
      ? operands.some((operand) => operand.evaluate(row) === true)
      : operands.every((operand) => operand.evaluate(row) === true);
  return { type: 'bool', evaluate };
}

const comparisons: Readonly<Record<string, (a: number | string | boolean, b: number | string | boolean) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function parseComparison(cursor: Cursor, scope: Scope): Expression {
  const left = parseSum(cursor, scope);
  const { text, kind } = cursor.peek();
  const compare = kind === 'symbol' ? comparisons[text] : undefined;
  if (compare) {
    cursor.next();
    const right = parseSum(cursor, scope);
    requireComparable(left.type, right.type, scope);
    return {
      type: 'bool',
      evaluate(row) {
        const [a, b] = [left.evaluate(row), right.evaluate(row)];
        if (a === null || b === null || typeof a === 'object' || typeof b === 'object') return text === '!=' && a !== b;
        return compare(a, b);
      },
    };
  }
  const wordOperator = kind === 'word' || kind === 'symbol' ? stringOperators[text] : undefined;
  if (!wordOperator) return left;
  cursor.next();
  const operands = wordOperator.takesList ? parseList(cursor, scope) : [parseSum(cursor, scope)];
  return {
    type: 'bool',
    evaluate(row) {
      const value = toText(left.evaluate(row));
      return wordOperator.test(
        value,
        operands.map((operand) => toText(operand.evaluate(row))),
      );
    },
  };
}

function parseList(cursor: Cursor, scope: Scope): readonly Expression[] {
  cursor.expect('(');
  const items = cursor.list(() => parseExpression(cursor, scope));
  cursor.expect(')');
  return items;
}

function parseSum(cursor: Cursor, scope: Scope): Expression {
  let left = parseProduct(cursor, scope);
  for (;;) {
    const sign = cursor.accept('+') ? 1 : cursor.accept('-') ? -1 : 0;
    if (sign === 0) return left;
    left = sum(left, parseProduct(cursor, scope), sign, scope);
  }
}

function sum(left: Expression, right: Expression, sign: 1 | -1, scope: Scope): Expression {
  const instants = [left, right].filter(({ type }) => type === 'datetime').length;
  if ([left.type, right.type].some((type) => type === 'string' || type === 'bool') || (instants === 2 && sign === 1)) {
    throw semanticError(`Arithmetic is not possible between ${left.type} and ${right.type}.`, scope.operator);
  }
  const spans = [left, right].some(({ type }) => type === 'timespan');
  const number = left.type === 'long' && right.type === 'long' ? 'long' : 'real';
  const type = instants === 1 ? 'datetime' : instants === 2 || spans ? 'timespan' : number;
  return { type, evaluate: (row) => calculate(left, right, row, (a, b) => a + sign * b) };
}

function parseProduct(cursor: Cursor, scope: Scope): Expression {
  let left = parsePrimary(cursor, scope);
  for (;;) {
    const { text, kind } = cursor.peek();
    if (kind !== 'symbol' || (text !== '*' && text !== '/')) return left;
    cursor.next();
    const [factor, other] = [left, parsePrimary(cursor, scope)];
    const wholeNumbers = factor.type === 'long' && other.type === 'long';
    const divide = (a: number, b: number) => (wholeNumbers ? Math.trunc(a / b) : a / b);
    left = {
      type: wholeNumbers ? 'long' : [factor.type, other.type].includes('timespan') ? 'timespan' : 'real',
      evaluate: (row) => calculate(factor, other, row, text === '*' ? (a, b) => a * b : divide),
    };
  }
}

function calculate(left: Expression, right: Expression, row: Row, operate: (a: number, b: number) => number): Value {
  const [a, b] = [left.evaluate(row), right.evaluate(row)];
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  const result = operate(a, b);
  return Number.isFinite(result) ? result : null;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parsePrimary(cursor: Cursor, scope: Scope): Expression {
  if (cursor.accept('(')) {
    const inner = parseExpression(cursor, scope);
    cursor.expect(')');
    return inner;
  }
  if (cursor.accept('-')) {
    const inner = parsePrimary(cursor, scope);
    return { type: inner.type, evaluate: (row) => calculate(inner, inner, row, (a) => -a) };
  }
  const { kind, text } = cursor.peek();
  if (kind === 'end' || kind === 'symbol') throw cursor.unexpected();
  cursor.next();
  switch (kind) {
    case 'string':
      return constant('string', text);
    case 'number':
      return constant(text.includes('.') ? 'real' : 'long', Number(text));
    case 'timespan':
      return constant('timespan', Number.parseFloat(text) * (unitMs[text.replace(/^[\d.]+/, '')] ?? 0));
    case 'datetime':
      return constant('datetime', readInstant(text, scope));
    case 'word':
      if (text === 'true' || text === 'false') return constant('bool', text === 'true');
      return cursor.accept('(') ? parseCall(text, cursor, scope) : column(text, scope);
  }
}

function parseCall(name: string, cursor: Cursor, scope: Scope): Expression {
  const args = cursor.accept(')') ? [] : cursor.list(() => parseExpression(cursor, scope));
  if (args.length > 0) cursor.expect(')');
  return callFunction(name, args, scope);
}

function column(name: string, { columns, operator }: Scope): Expression {
  const found = columns.find((each) => each.name === name);
  if (!found) throw unresolvedName(name, operator);
  return { type: found.type, name, evaluate: (row) => row[name] ?? null };
}

function constant(type: ColumnType, value: Value): Expression {
  return { type, evaluate: () => value };
}

function readInstant(text: string, { operator }: Scope): number {
  const bare = text.trim().replace(/^["']|["']$/g, '');
  // Kusto reads an instant without an offset as UTC.
  const isWithoutOffset = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}[\d:.]*$/.test(bare);
  const value = Date.parse(isWithoutOffset ? `${bare.replace(' ', 'T')}Z` : bare);
  if (Number.isNaN(value)) throw semanticError(`'${bare}' is not a valid datetime.`, operator);
  return value;
}

function requireComparable(a: ColumnType, b: ColumnType, { operator }: Scope): void {
  const kindOf = (type: ColumnType) => (type === 'long' || type === 'real' ? 'number' : type);
  if (a === 'dynamic' || b === 'dynamic' || kindOf(a) === kindOf(b)) return;
  throw semanticError(`Cannot compare values of types ${a} and ${b}. Try adding explicit casts.`, operator);
}
