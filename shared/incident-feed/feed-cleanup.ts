import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { parseTicks, toEpochMs } from '../defender/ticks.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { maxChanges, type Table, type TableChange } from '../storage/tables.ts';
import type { Tenants } from '../tenants/tenants.ts';

interface CleanupParts {
  tenants: Pick<Tenants, 'listServedTenants'>;
  table: Table;
  blobs: BlobContainer;
  clock: Clock;
}

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
/** So long does Defender keep an incident: https://learn.microsoft.com/defender-xdr/data-privacy */
const versionsKeptMs = 180 * dayMs;
/** An event that was not handed on by then belongs to a tenant that is not served any more. */
const eventsKeptMs = 7 * dayMs;
/** Once a day: all that is known of every tenant is read for it. */
const cleanupHour = 3;
const tenantConcurrency = 4;

/** Forgets the versions of incidents that Defender has forgotten. */
export async function removeOldVersions({ tenants, table, blobs, clock }: CleanupParts): Promise<void> {
  const now = clock.now();
  if (Math.floor((now % dayMs) / hourMs) !== cleanupHour) return;
  await pMap(await tenants.listServedTenants(), ({ tenantId }) => removeIn(table, tenantId, now), {
    concurrency: tenantConcurrency,
  });
  await blobs.deleteOlder(now - eventsKeptMs);
}

async function removeIn(table: Table, tenantId: string, now: number): Promise<void> {
  const rows = await table.list(tenantId, { from: 'incident|', before: 'incident}' });
  const old = rows.filter(({ version }) => toEpochMs(parseTicks(version) ?? 0n) < now - versionsKeptMs);
  for (let from = 0; from < old.length; from += maxChanges) {
    const part = old.slice(from, from + maxChanges);
    await table.transact(part.map(({ rowKey }): TableChange => ({ kind: 'delete', partitionKey: tenantId, rowKey })));
  }
}
