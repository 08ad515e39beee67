import { semanticError } from './query-error.ts';
import type { Column, ColumnType, Row, Value } from './table.ts';

/** A compiled expression. `name` is the column it would make if the query gives it none. */
export interface Expression {
  readonly type: ColumnType;
  readonly name?: string;
  evaluate(row: Row): Value;
}

/** Where an expression stands. */
export interface Scope {
  readonly columns: readonly Column[];
  readonly operator: string;
  readonly now: number;
}

/** @throws {QueryError} */
export function requireBool(type: ColumnType, { operator }: Scope): void {
  if (type !== 'bool' && type !== 'dynamic') {
    throw semanticError(`The expression must be of type bool, but it is ${type}.`, operator);
  }
}

export function toText(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
