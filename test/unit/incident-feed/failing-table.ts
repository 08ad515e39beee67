import { UpstreamError } from '../../../shared/errors.ts';
import type { Table } from '../../../shared/storage/tables.ts';

/** Whether a call fails, before or after the service has acted. */
export type Fate = 'before' | 'after' | undefined;

/** A table whose calls fail as `fate` says. */
export function createFailing(fate: () => Fate) {
  const wrap =
    <Input extends unknown[], T>(action: (...input: Input) => Promise<T>) =>
    async (...input: Input): Promise<T> => {
      const when = fate();
      const failure = () => new UpstreamError('It failed.', { service: 'storage', failure: 'connection' });
      if (when === 'before') throw failure();
      const result = await action(...input);
      if (when === 'after') throw failure();
      return result;
    };
  return (table: Table): Table => ({
    get: wrap(table.get),
    list: wrap(table.list),
    insert: wrap(table.insert),
    upsert: wrap(table.upsert),
    replace: wrap(table.replace),
    delete: wrap(table.delete),
    transact: wrap(table.transact),
  });
}
