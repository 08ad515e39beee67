import type { Cursor } from './cursor.ts';
import type { Expression, Scope } from './expression.ts';
import { parseExpression } from './parse-expression.ts';
import { semanticError } from './query-error.ts';
import type { ColumnType, Row, Table, Value } from './table.ts';

interface Aggregate {
  readonly name: string;
  readonly type: ColumnType;
  over(rows: readonly Row[]): Value;
}

/** `summarize a = count(), dcount(X) by Y, bin(Timestamp, 1h)` */
export function summarize(cursor: Cursor, { rows }: Table, scope: Scope): Table {
  const startsWithBy = cursor.peek().kind === 'word' && cursor.peek().text === 'by';
  const aggregates = startsWithBy ? [] : cursor.list(() => readAggregate(cursor, scope));
  const keys = cursor.accept('by') ? cursor.list(() => readKey(cursor, scope)) : [];
  const named = keys.map((key, index) => ({ ...key, name: key.name ?? `Column${index + 1}` }));
  const groups = [...groupBy(rows, named).values()];
  // Without keys there is one group, even of no rows.
  if (named.length === 0 && groups.length === 0) groups.push([]);
  return {
    columns: [...named, ...aggregates].map(({ name, type }) => ({ name, type })),
    rows: groups.map((group) =>
      Object.fromEntries([
        ...named.map((key) => [key.name, key.evaluate(group[0] ?? {})] as const),
        ...aggregates.map((aggregate) => [aggregate.name, aggregate.over(group)] as const),
      ]),
    ),
  };
}

function groupBy(rows: readonly Row[], keys: readonly Expression[]): Map<string, Row[]> {
  return Map.groupBy(rows, (row) => JSON.stringify(keys.map((key) => key.evaluate(row))));
}

function readKey(cursor: Cursor, scope: Scope): Expression {
  const name = cursor.acceptName();
  const expression = parseExpression(cursor, scope);
  return name === undefined ? expression : { ...expression, name };
}

function readAggregate(cursor: Cursor, scope: Scope): Aggregate {
  const name = cursor.acceptName();
  const aggregateName = cursor.expectKind('word');
  cursor.expect('(');
  if (cursor.accept(')')) {
    if (aggregateName !== 'count') throw unknownAggregate(aggregateName, scope);
    return { name: name ?? 'count_', type: 'long', over: (rows) => rows.length };
  }
  const argument = parseExpression(cursor, scope);
  cursor.expect(')');
  return aggregate(aggregateName, argument, name ?? `${aggregateName}_${argument.name ?? ''}`, scope);
}

function aggregate(aggregateName: string, argument: Expression, name: string, scope: Scope): Aggregate {
  const values = (rows: readonly Row[]) => rows.map((row) => argument.evaluate(row)).filter((value) => value !== null);
  const total = (rows: readonly Row[]) => values(rows).reduce<number>((sum, value) => sum + Number(value), 0);
  switch (aggregateName) {
    case 'countif':
      return { name, type: 'long', over: (rows) => values(rows).filter((value) => value === true).length };
    case 'dcount':
      return { name, type: 'long', over: (rows) => new Set(values(rows).map((value) => JSON.stringify(value))).size };
    case 'min':
      return { name, type: argument.type, over: (rows) => extreme(values(rows), (a, b) => a < b) };
    case 'max':
      return { name, type: argument.type, over: (rows) => extreme(values(rows), (a, b) => a > b) };
    case 'sum':
      return { name, type: argument.type, over: total };
    case 'avg':
      return { name, type: 'real', over: (rows) => total(rows) / Math.max(values(rows).length, 1) };
    default:
      throw unknownAggregate(aggregateName, scope);
  }
}

function extreme(values: readonly Value[], isBetter: (a: Value & {}, b: Value & {}) => boolean): Value {
  return values.reduce<Value>((best, value) => {
    if (value === null) return best;
    return best === null || isBetter(value, best) ? value : best;
  }, null);
}

function unknownAggregate(name: string, { operator }: Scope) {
  return semanticError(`Unknown aggregate function: '${name}'.`, operator);
}
