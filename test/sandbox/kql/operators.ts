import type { Cursor } from './cursor.ts';
import { type Expression, requireBool, type Scope } from './expression.ts';
import { parseExpression } from './parse-expression.ts';
import { unresolvedName } from './query-error.ts';
import { summarize } from './summarize.ts';
import type { Column, Row, Table, Value } from './table.ts';

/** Reads the rest of an operator after its name and applies it. */
export type Operator = (cursor: Cursor, table: Table, scope: Scope) => Table;

const where: Operator = (cursor, { columns, rows }, scope) => {
  const condition = parseExpression(cursor, scope);
  requireBool(condition.type, scope);
  return { columns, rows: rows.filter((row) => condition.evaluate(row) === true) };
};

const project: Operator = (cursor, table, scope) => {
  if (cursor.accept('-')) {
    cursor.expect('away');
    return projectAway(cursor, table, scope);
  }
  const cells = cursor.list(() => readCell(cursor, scope)).map(nameCell);
  return { columns: cells.map(toColumn), rows: table.rows.map((row) => toRow(cells, row)) };
};

const projectAway: Operator = (cursor, table, scope) => {
  const dropped = cursor.list(() => readColumn(cursor, scope).name);
  const cells = table.columns.filter(({ name }) => !dropped.includes(name)).map(fromColumn);
  return { columns: cells.map(toColumn), rows: table.rows.map((row) => toRow(cells, row)) };
};

const extend: Operator = (cursor, { columns, rows }, scope) => {
  const added = cursor.list(() => readCell(cursor, scope)).map(nameCell);
  const kept = columns.filter(({ name }) => !added.some((cell) => cell.name === name));
  return {
    columns: [...kept, ...added.map(toColumn)],
    rows: rows.map((row) => ({ ...row, ...toRow(added, row) })),
  };
};

const take: Operator = (cursor, { columns, rows }) => ({ columns, rows: rows.slice(0, readNumber(cursor)) });

const sort: Operator = (cursor, { columns, rows }, scope) => {
  cursor.expect('by');
  return { columns, rows: rows.toSorted(readOrder(cursor, scope)) };
};

const top: Operator = (cursor, { columns, rows }, scope) => {
  const limit = readNumber(cursor);
  cursor.expect('by');
  return { columns, rows: rows.toSorted(readOrder(cursor, scope)).slice(0, limit) };
};

const count: Operator = (_cursor, { rows }) => ({
  columns: [{ name: 'Count', type: 'long' }],
  rows: [{ Count: rows.length }],
});

const distinct: Operator = (cursor, table, scope) => {
  const columns = cursor.accept('*') ? table.columns : cursor.list(() => readColumn(cursor, scope));
  const cells = columns.map(fromColumn);
  const byKey = new Map(
    table.rows.map((row) => toRow(cells, row)).map((row) => [JSON.stringify(Object.values(row)), row]),
  );
  return { columns, rows: [...byKey.values()] };
};

export const operators: Readonly<Record<string, Operator>> = {
  where,
  filter: where,
  project,
  extend,
  take,
  limit: take,
  sort,
  order: sort,
  top,
  count,
  distinct,
  summarize,
};

interface Cell extends Expression {
  readonly name: string;
}

function readCell(cursor: Cursor, scope: Scope): Expression {
  const name = cursor.acceptName();
  const expression = parseExpression(cursor, scope);
  return name === undefined ? expression : { ...expression, name };
}

function nameCell(expression: Expression, index: number): Cell {
  return { ...expression, name: expression.name ?? `Column${index + 1}` };
}

function readColumn(cursor: Cursor, { columns, operator }: Scope): Column {
  const name = cursor.expectKind('word');
  const column = columns.find((each) => each.name === name);
  if (!column) throw unresolvedName(name, operator);
  return column;
}

function readNumber(cursor: Cursor): number {
  return Number(cursor.expectKind('number'));
}

function readOrder(cursor: Cursor, scope: Scope): (a: Row, b: Row) => number {
  const keys = cursor.list(() => {
    const expression = parseExpression(cursor, scope);
    const direction = cursor.accept('asc') ? 1 : -1;
    if (direction === -1) cursor.accept('desc');
    return { expression, direction };
  });
  return (a, b) => {
    for (const { expression, direction } of keys) {
      const order = compare(expression.evaluate(a), expression.evaluate(b));
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}

function fromColumn({ name, type }: Column): Cell {
  return { name, type, evaluate: (row) => row[name] ?? null };
}

function toColumn({ name, type }: Cell): Column {
  return { name, type };
}

function toRow(cells: readonly Cell[], row: Row): Row {
  return Object.fromEntries(cells.map((cell) => [cell.name, cell.evaluate(row)]));
}
