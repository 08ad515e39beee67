export type ColumnType = 'string' | 'long' | 'real' | 'bool' | 'datetime' | 'timespan' | 'dynamic';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Instants are epoch milliseconds, timespans milliseconds, dynamic values plain objects or lists. */
export type Value = string | number | boolean | object | null;

export type Row = Readonly<Record<string, Value>>;

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}
