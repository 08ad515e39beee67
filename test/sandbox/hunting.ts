import { QueryError } from './kql/query-error.ts';
import { runQuery } from './kql/run-query.ts';
import type { ColumnType, Row, Table, Value } from './kql/table.ts';
import type { SandboxState } from './state.ts';
import { parseTimespan } from './timespan.ts';

export { QueryError };

export interface HuntingResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, Value>>[];
}

const lookBackMs = 30 * 24 * 60 * 60 * 1000;
const tooLarge =
  'Query execution has exceeded the allowed result size. Optimize your query by limiting the number of results and try again';

/**
 * Runs a hunting query over the last 30 days of a tenant, or over less of it if `timespan` says so.
 * @throws {QueryError}
 */
export function hunt(
  query: string,
  timespan: string | undefined,
  state: SandboxState,
  tenantId: string,
): HuntingResult {
  const now = state.now();
  const window = timespan === undefined ? { from: now - lookBackMs, to: now } : parseTimespan(timespan, now);
  if (!window) throw new QueryError(`The value '${timespan}' is not a valid timespan.`);
  const from = Math.max(window.from, now - lookBackMs);
  const { tables } = state.securityOf(tenantId);
  const findTable = (name: string) => {
    const table = tables.get(name);
    return table && { columns: table.columns, rows: table.rows.filter((row) => isWithin(row, from, window.to)) };
  };
  const result = runQuery(query, findTable, now);
  if (result.rows.length > state.behavior.huntingRowLimit) throw new QueryError(tooLarge);
  return toWire(result);
}

function isWithin({ Timestamp }: Row, from: number, to: number): boolean {
  return typeof Timestamp === 'number' && Timestamp >= from && Timestamp <= to;
}

const wireTypes: Readonly<Record<ColumnType, string>> = {
  string: 'String',
  long: 'Int64',
  real: 'Double',
  bool: 'Boolean',
  datetime: 'DateTime',
  timespan: 'TimeSpan',
  dynamic: 'Object',
};

function toWire({ columns, rows }: Table): HuntingResult {
  return {
    columns: columns.map(({ name, type }) => ({ name, type: wireTypes[type] })),
    rows: rows.map((row) =>
      Object.fromEntries(columns.map(({ name, type }) => [name, toCell(row[name] ?? null, type)])),
    ),
  };
}

function toCell(value: Value, type: ColumnType): Value {
  if (typeof value !== 'number') return value;
  if (type === 'datetime') return new Date(value).toISOString();
  return type === 'timespan' ? formatTimespan(value) : value;
}

/** As Kusto writes it: `[-][d.]hh:mm:ss[.fffffff]` */
function formatTimespan(ms: number): string {
  const rest = Math.abs(ms);
  const days = Math.floor(rest / 86_400_000);
  const fraction = rest % 1000 === 0 ? '' : `.${String(Math.floor(rest % 1000)).padStart(3, '0')}0000`;
  const clock = new Date(rest % 86_400_000).toISOString().slice(11, 19);
  return `${ms < 0 ? '-' : ''}${days > 0 ? `${days}.` : ''}${clock}${fraction}`;
}
