import { Cursor } from './cursor.ts';
import { operators } from './operators.ts';
import { semanticError, unresolvedName } from './query-error.ts';
import type { Table } from './table.ts';

/**
 * Runs a query of the part of KQL that a simple hunt needs: one table and a pipeline of operators. Other KQL
 * is refused in the words in which Defender refuses what it cannot understand.
 * @throws {QueryError}
 */
export function runQuery(query: string, findTable: (name: string) => Table | undefined, now: number): Table {
  const cursor = new Cursor(query);
  const name = cursor.expectKind('word');
  let table = findTable(name);
  if (!table) throw unresolvedName(name, cursor.accept('|') ? cursor.next().text : undefined);
  while (cursor.accept('|')) {
    const operator = cursor.expectKind('word');
    const apply = operators[operator];
    if (!apply) throw semanticError('It is not one of the operators that are supported here.', operator);
    table = apply(cursor, table, { columns: table.columns, operator, now });
  }
  if (cursor.peek().kind !== 'end') throw cursor.unexpected();
  return table;
}
