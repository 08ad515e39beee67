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

/** Results above this size are never one string: memory holds their bytes, outside of the heap, and little more. */
const maxInlineBytes = 1_000_000;
const chunkCharacters = 60_000;

/** The rows to publish, separated by commas. */
interface FoundRows {
  count: number;
  chunks: readonly Uint8Array[];
}

/** Runs the query of a hunt and publishes the rows that it delivers. Returns their number. */
export async function publishNewRows(
  { openDefender, blobs, clock, publishEvents }: PublishParts,
  { id: huntId, name, query, timespan, onlyNew }: SavedHunt,
  { tenantId, dueAt }: { tenantId: string; dueAt: string },
  ranAt: number,
): Promise<number> {
  let rows: FoundRows = { count: 0, chunks: [] };
  let seen: SeenValues | undefined;
  await openDefender(tenantId).hunting.run({ query, timespan }, async (parts) => {
    seen = onlyNew === undefined ? undefined : await openSeenValues(blobs, `seen/${huntId}/${tenantId}`, clock);
    rows = await collectRows(parts, onlyNew, seen);
  });
  if (rows.count > 0) {
    const timestamp = formatInstant(ranAt);
    const head = JSON.stringify({ huntId, name, ranAt: timestamp, rows: rows.count });
    const data = toData([Buffer.from(`${head.slice(0, -1)},"results":[`), ...rows.chunks, Buffer.from(']}')]);
    await publishEvents([
      { type: 'hunt.results', tenantId, timestamp, subject: `hunt/${huntId}`, version: dueAt, data },
    ]);
  }
  // Last: after a failure before, the same rows are published again, with the same webhook-id.
  await seen?.save();
  return rows.count;
}

/** The rows whose value in a column is new, or all of them. */
async function collectRows(
  parts: AsyncIterable<HuntingPart>,
  onlyNew: string | undefined,
  seen: SeenValues | undefined,
): Promise<FoundRows> {
  let schema: HuntingColumn[] = [];
  let column: string | undefined;
  let count = 0;
  let text = '';
  const chunks: Uint8Array[] = [];
  for await (const part of parts) {
    if ('schema' in part) {
      schema = part.schema;
      continue;
    }
    // An empty result has no columns.
    if (onlyNew !== undefined) column ??= findColumn(schema, onlyNew);
    if (column !== undefined && !seen?.add(parseExactly(part.row)[column])) continue;
    text += count++ === 0 ? part.row : `,${part.row}`;
    if (text.length < chunkCharacters) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  return { count, chunks: [...chunks, Buffer.from(text)] };
}

/** The spelling of a column in the rows of a result. */
function findColumn(schema: readonly HuntingColumn[], wanted: string): string {
  const names = schema.map(({ name }) => name);
  const name =
    names.find((each) => each === wanted) ?? names.find((each) => each.toLowerCase() === wanted.toLowerCase());
  if (name !== undefined) return name;
  throw new RequestError(400, 'InvalidRequest', `The result has no column ${wanted} for onlyNew.`);
}

function toData(chunks: readonly Uint8Array[]): string | (() => Iterable<Uint8Array>) {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  return bytes <= maxInlineBytes ? Buffer.concat(chunks).toString() : () => chunks;
}
