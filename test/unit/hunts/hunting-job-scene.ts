import type { Defender } from '../../../shared/defender/defender.ts';
import type { HuntingPart } from '../../../shared/defender/hunting-stream.ts';
import { RequestError } from '../../../shared/errors.ts';
import { createHuntingJobs, type ToFailure } from '../../../shared/hunts/hunting-jobs.ts';
import { createTenantCheck } from '../../../shared/hunts/tenant-check.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeQueue } from '../storage/fake-queue.ts';
import { createFakeTable } from '../storage/fake-table.ts';

export const minuteMs = 60_000;
export const tenantId = '11111111-2222-4333-8444-555555555555';
export const application: Principal = { kind: 'application', tenantId };
export const found: HuntingPart[] = [
  { row: '{"A":1}' },
  { schema: [{ name: 'A', type: 'Int64' }] },
  { row: '{"A":2}' },
];

async function* arrive(parts: HuntingPart[]): AsyncGenerator<HuntingPart> {
  yield* parts;
}

export const toFailure: ToFailure = (error) =>
  error instanceof RequestError
    ? { status: error.status, code: error.code, detail: error.message }
    : { status: 502, code: 'UpstreamFailed', detail: String(error) };

/** Two instances on one storage; the clock of the second one differs by `skewMs`. */
export function createJobScene({ skewMs = 0 } = {}) {
  const clock = createFakeClock();
  const blobs = createFakeBlobs(clock.now);
  const queue = createFakeQueue();
  const table = createFakeTable();
  const served = new Map([[tenantId, { tenantId, isPending: false }]]);
  const tenants = { findServedTenant: async (id: string) => served.get(id) };
  const grants = { isRevoked: false };
  const canOwnerActIn = async () => !grants.isRevoked;
  const parts = { table, blobs, queue, requireTenant: createTenantCheck({ tenants, canOwnerActIn }) };
  const jobs = createHuntingJobs({ ...parts, clock });
  const otherClock = { ...clock, now: () => clock.now() + skewMs };
  const otherJobs = createHuntingJobs({ ...parts, clock: otherClock });
  let hunt = async (): Promise<HuntingPart[]> => found;
  let hunts = 0;
  const defender = {
    hunting: {
      async run(_query: unknown, keep: (parts: AsyncIterable<HuntingPart>) => Promise<void>) {
        hunts++;
        await keep(arrive(await hunt()));
      },
    },
  } as unknown as Defender;
  return {
    ...parts,
    ...{ clock, jobs, served, grants, defender },
    hunts: () => hunts,
    setHunt(next: typeof hunt) {
      hunt = next;
    },
    run: (operationId: string) => jobs.run(operationId, () => defender, toFailure),
    runOnOther: (operationId: string) => otherJobs.run(operationId, () => defender, toFailure),
    async outcome(operationId: string, principal = application, ownerId = 'owner') {
      const job = await jobs.find(operationId, principal, (createdBy) => createdBy === ownerId);
      if (job?.kind !== 'done') return job;
      const rows: string[] = [];
      await job.result.read(async (parts) => {
        for await (const part of parts) if ('row' in part) rows.push(part.row);
      });
      return { kind: 'done', rows };
    },
  };
}
