import type { Clock } from '../clock.ts';
import type { Defender } from '../defender/defender.ts';
import { parseExactly } from '../defender/exact-json.ts';
import type { HuntingColumn } from '../defender/hunting-result.ts';
import type { HuntingPart } from '../defender/hunting-stream.ts';
import { RequestError } from '../errors.ts';
import { formatInstant } from '../instants.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import type { PublishEvents } from '../webhooks/event.ts';
import type { SavedHunt } from './saved-hunts.ts';
import { openSeenValues, type SeenValues } from './seen-values.ts';

interface PublishParts {
  blobs: BlobContainer;
  clock: Clock;
  publishEvents: PublishEvents;
  openDefender(tenantId: string): Defender;
}

/** Results above this size are never one string: memory holds their rows, and a few megabytes more. */
const maxInlineCharacters = 1_000_000;

/** Runs the query of a hunt and publishes the rows that it delivers. Returns their number. */
export async function publishNewRows(
  { openDefender, blobs, clock, publishEvents }: PublishParts,
  { id: huntId, name, query, timespan, onlyNew }: SavedHunt,
  { tenantId, dueAt }: { tenantId: string; dueAt: string },
  ranAt: number,
): Promise<number> {
  let rows: string[] = [];
  let seen: SeenValues | undefined;
  await openDefender(tenantId).hunting.run({ query, timespan }, async (parts) => {
    seen = onlyNew === undefined ? undefined : await openSeenValues(blobs, `seen/${huntId}/${tenantId}`, clock);
    rows = await collectRows(parts, onlyNew, seen);
  });
  if (rows.length > 0) {
    const timestamp = formatInstant(ranAt);
    const head = JSON.stringify({ huntId, name, ranAt: timestamp, rows: rows.length });
    const data = toData(`${head.slice(0, -1)},"results":[`, rows, ']}');
    await publishEvents([
      { type: 'hunt.results', tenantId, timestamp, subject: `hunt/${huntId}`, version: dueAt, data },
    ]);
  }
  // Last: after a failure before, the same rows are published again, with the same webhook-id.
  await seen?.save();
  return rows.length;
}

/** The rows whose value in a column is new, or all of them. */
async function collectRows(
  parts: AsyncIterable<HuntingPart>,
  onlyNew: string | undefined,
  seen: SeenValues | undefined,
): Promise<string[]> {
  let schema: HuntingColumn[] = [];
  let column: string | undefined;
  const rows: string[] = [];
  for await (const part of parts) {
    if ('schema' in part) {
      schema = part.schema;
      continue;
    }
    // An empty result has no columns.
    if (onlyNew !== undefined) column ??= findColumn(schema, onlyNew);
    if (column === undefined || seen?.add(parseExactly(part.row)[column])) rows.push(part.row);
  }
  return rows;
}

/** The spelling of a column in the rows of a result. */
function findColumn(schema: readonly HuntingColumn[], wanted: string): string {
  const names = schema.map(({ name }) => name);
  const name =
    names.find((each) => each === wanted) ?? names.find((each) => each.toLowerCase() === wanted.toLowerCase());
  if (name !== undefined) return name;
  throw new RequestError(400, 'InvalidRequest', `The result has no column ${wanted} for onlyNew.`);
}

function toData(head: string, rows: readonly string[], tail: string): string | (() => Iterable<string>) {
  const characters = rows.reduce((sum, { length }) => sum + length, 0);
  if (characters <= maxInlineCharacters) return `${head}${rows.join(',')}${tail}`;
  return function* () {
    yield head;
    for (const [index, row] of rows.entries()) yield index === 0 ? row : `,${row}`;
    yield tail;
  };
}
