import type { Defender } from '../../../shared/defender/defender.ts';
import type { HuntingQuery } from '../../../shared/defender/hunting.ts';
import type { HuntingColumn } from '../../../shared/defender/hunting-result.ts';

/** Runs a query and collects its result. */
export async function runHunting(defender: Defender, query: HuntingQuery) {
  let schema: HuntingColumn[] = [];
  let rows: string[] = [];
  await defender.hunting.run(query, async (parts) => {
    rows = [];
    for await (const part of parts) {
      if ('row' in part) rows.push(part.row);
      else schema = part.schema;
    }
  });
  return { schema, rows };
}
