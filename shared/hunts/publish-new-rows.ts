import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { parseExactly } from '../defender/exact-json.ts';
import type { HuntingColumn } from '../defender/hunting-result.ts';
import { RequestError } from '../errors.ts';
import { formatInstant } from '../instants.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import type { PublishEvents } from '../webhooks/event.ts';
import type { SavedHunt } from './saved-hunts.ts';
import { openSeenValues } from './seen-values.ts';

interface PublishParts {
  blobs: BlobContainer;
  clock: Clock;
  publishEvents: PublishEvents;
  openDefender(tenantId: string): Defender;
}

/** Runs the query of a hunt and publishes the rows that it delivers. Returns their number. */
export async function publishNewRows(
  { openDefender, blobs, clock, publishEvents }: PublishParts,
  { id: huntId, name, query, timespan, onlyNew }: SavedHunt,
  { tenantId, dueAt }: { tenantId: string; dueAt: string },
  ranAt: number,
): Promise<number> {
  const { schema, rows } = await openDefender(tenantId).hunting.run({ query, timespan });
  const column = onlyNew === undefined || rows.length === 0 ? undefined : findColumn(schema, onlyNew);
  const seen = column === undefined ? undefined : await openSeenValues(blobs, `seen/${huntId}/${tenantId}`, clock);
  const found = rows.filter((row) => column === undefined || seen?.add(parseExactly(row)[column]));
  if (found.length > 0) {
    const timestamp = formatInstant(ranAt);
    const head = JSON.stringify({ huntId, name, ranAt: timestamp, rows: found.length });
    await publishEvents([
      {
        type: 'hunt.results',
        tenantId,
        timestamp,
        subject: `hunt/${huntId}`,
        version: dueAt,
        data: `${head.slice(0, -1)},"results":[${found.join(',')}]}`,
      },
    ]);
  }
  // Last: after a failure before, the same rows are published again, with the same webhook-id.
  await seen?.save();
  return found.length;
}

/** The spelling of a column in the rows of a result. */
function findColumn(schema: readonly HuntingColumn[], wanted: string): string {
  const names = schema.map(({ name }) => name);
  const name =
    names.find((each) => each === wanted) ?? names.find((each) => each.toLowerCase() === wanted.toLowerCase());
  if (name !== undefined) return name;
  throw new RequestError(400, 'InvalidRequest', `The result has no column ${wanted} for onlyNew.`);
}
