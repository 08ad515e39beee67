import type { Defender } from '../../../shared/defender/defender.ts';
import type { HuntingPart } from '../../../shared/defender/hunting-stream.ts';
import { enqueueDueHunts } from '../../../shared/hunts/enqueue-due-hunts.ts';
import { listRuns } from '../../../shared/hunts/hunt-run.ts';
import { type HuntMessage, runSavedHunt } from '../../../shared/hunts/run-saved-hunt.ts';
import { createSavedHunts, type SavedHunt } from '../../../shared/hunts/saved-hunts.ts';
import { createTenantCheck } from '../../../shared/hunts/tenant-check.ts';
import type { TenantEvent } from '../../../shared/webhooks/event.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeQueue } from '../storage/fake-queue.ts';
import { createFakeTable } from '../storage/fake-table.ts';

export const minuteMs = 60_000;
const toTenantId = (digit: number) => `${String(digit).repeat(8)}-2222-4333-8444-555555555555`;
export const first = toTenantId(1);
export const second = toTenantId(2);
export const pending = toTenantId(3);

async function* toParts(values: readonly unknown[]): AsyncGenerator<HuntingPart> {
  yield { schema: values.length === 0 ? [] : [{ name: 'Id', type: 'String' }] };
  for (const Id of values) yield { row: JSON.stringify({ Id }) };
}

/** Saved hunts at 10:02, with three tenants: two served and one pending. */
export function createHuntScene() {
  const clock = createFakeClock(Date.parse('2026-11-20T10:02:00Z'));
  const table = createFakeTable();
  const queue = createFakeQueue();
  const blobs = createFakeBlobs(clock.now);
  const hunts = createSavedHunts(table, clock);
  const events: TenantEvent[] = [];
  let find = async (_tenantId: string): Promise<readonly unknown[]> => [];
  let publishEvents = async (group: readonly TenantEvent[]) => events.push(...group);
  const openDefender = (tenantId: string) =>
    ({
      hunting: {
        async run(_query: unknown, consume: (parts: AsyncIterable<HuntingPart>) => Promise<void>) {
          await consume(toParts(await find(tenantId)));
        },
      },
    }) as unknown as Defender;
  const served = new Map(
    [first, second, pending].map((tenantId) => [tenantId, { tenantId, isPending: tenantId === pending }]),
  );
  const tenants = {
    listServedTenants: async () => [...served.values()],
    findServedTenant: async (tenantId: string) => served.get(tenantId),
  };
  const grants = { isRevoked: false };
  const canOwnerActIn = async () => !grants.isRevoked;
  const requireTenant = createTenantCheck({ tenants, canOwnerActIn });
  const parts = { hunts, requireTenant, table, blobs, queue, clock, openDefender };
  const run = (message: HuntMessage) =>
    runSavedHunt({ ...parts, publishEvents: (group: readonly TenantEvent[]) => publishEvents(group) }, message);
  const messages: { message: unknown; at: number }[] = [];

  /** Runs every message that is visible by now. */
  async function work(): Promise<void> {
    for (;;) {
      for (const { message, visibleAfterMs } of queue.take())
        messages.push({ message, at: clock.now() + visibleAfterMs });
      const index = messages.findIndex(({ at }) => at <= clock.now());
      const [next] = index < 0 ? [] : messages.splice(index, 1);
      if (next === undefined) return;
      await run(Object(next.message));
    }
  }

  const enqueue = () =>
    enqueueDueHunts({ hunts, tenants, canOwnerActIn, queue, clock }, { info: () => {}, warn: () => {} });
  return {
    ...{ hunts, table, events, blobs, queue, clock, served, grants, work, run, enqueue },
    async listAll() {
      const all: SavedHunt[] = [];
      for await (const hunt of hunts.listAll()) all.push(hunt);
      return all;
    },
    async listRuns(id: string) {
      const [runs = []] = await listRuns(table, [id]);
      return runs;
    },
    /** Moves time, then enqueues and runs what is due. */
    async passAndRun(ms: number) {
      await clock.advance(ms);
      await enqueue();
      await work();
    },
    setValues(next: (tenantId: string) => readonly unknown[] | Promise<readonly unknown[]>) {
      find = async (tenantId) => next(tenantId);
    },
    setPublish(next: typeof publishEvents) {
      publishEvents = next;
    },
    add: (changes: object = {}) =>
      hunts.add({
        name: 'x',
        query: 'y',
        schedule: '0 */10 * * * *',
        tenantIds: ['*'],
        createdBy: 'owner',
        ...changes,
      }),
  };
}

export const rowsOf = ({ data }: TenantEvent): unknown[] =>
  JSON.parse(typeof data === 'string' ? data : Buffer.concat([...data()]).toString()).results.map(
    ({ Id }: { Id: unknown }) => Id,
  );
