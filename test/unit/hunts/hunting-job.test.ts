import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Defender } from '../../../shared/defender/defender.ts';
import type { HuntingPart } from '../../../shared/defender/hunting-stream.ts';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { createHuntingJobs, type ToFailure } from '../../../shared/hunts/hunting-job.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeQueue } from '../storage/fake-queue.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const minuteMs = 60_000;
const tenantId = '11111111-2222-4333-8444-555555555555';
const application: Principal = { kind: 'application', tenantId };
const found: HuntingPart[] = [{ row: '{"A":1}' }, { schema: [{ name: 'A', type: 'Int64' }] }, { row: '{"A":2}' }];

async function* arrive(parts: HuntingPart[]): AsyncGenerator<HuntingPart> {
  yield* parts;
}
const toFailure: ToFailure = (error) =>
  error instanceof RequestError
    ? { status: error.status, code: error.code, detail: error.message }
    : { status: 502, code: 'UpstreamFailed', detail: String(error) };

function createUser(name: string, tenant = tenantId): Principal {
  return {
    kind: 'user',
    objectId: name,
    tenantId: tenant,
    assertion: `token of ${name}`,
    assertionHash: name,
    expiresAt: 0,
  };
}

function createScene() {
  let at = Date.parse('2026-11-20T10:00:00Z');
  const clock = { now: () => at, startTimer: () => () => {} };
  const blobs = createFakeBlobs(clock.now);
  const queue = createFakeQueue();
  const table = createFakeTable();
  const jobs = createHuntingJobs(table, blobs, queue, clock);
  let hunt = async (): Promise<HuntingPart[]> => found;
  let hunts = 0;
  const defender = {
    hunting: {
      async runInto(_query: unknown, keep: (parts: AsyncIterable<HuntingPart>) => Promise<void>) {
        hunts++;
        await keep(arrive(await hunt()));
      },
    },
  } as unknown as Defender;
  return {
    jobs,
    table,
    blobs,
    queue,
    defender,
    hunts: () => hunts,
    setHunt(next: typeof hunt) {
      hunt = next;
    },
    pass(ms: number) {
      at += ms;
    },
    run: (operationId: string) => jobs.run(operationId, () => defender, toFailure),
    async outcome(operationId: string, principal = application) {
      const job = await jobs.find(operationId, principal);
      if (job?.kind !== 'done') return job;
      const rows: string[] = [];
      for await (const row of job.result.rows) rows.push(row);
      return { kind: 'done', rows };
    },
  };
}

describe('a hunt that was accepted', () => {
  it('runs, then has its result', async () => {
    const { jobs, run, outcome, queue } = createScene();
    const id = await jobs.accept(application, { query: 'x' });
    assert.deepEqual(queue.take(), [{ message: { operationId: id }, visibleAfterMs: 0 }]);
    assert.deepEqual(await outcome(id), { kind: 'running' });
    await run(id);
    assert.deepEqual(await outcome(id), { kind: 'done', rows: ['{"A":1}', '{"A":2}'] });
  });

  it('has members spelled as the columns are', async () => {
    const { jobs, run, setHunt, outcome } = createScene();
    setHunt(async () => [{ row: '{"a":1}' }, { schema: [{ name: 'A', type: 'Int64' }] }]);
    const id = await jobs.accept(application, { query: 'x' });
    await run(id);
    assert.deepEqual(await outcome(id), { kind: 'done', rows: ['{"A":1}'] });
  });

  it('runs once, however often its message comes', async () => {
    const { jobs, run, hunts, queue } = createScene();
    const id = await jobs.accept(application, { query: 'x' });
    queue.take();
    await Promise.all([run(id), run(id)]);
    // Whoever came second has somebody look again, should the first have died.
    assert.equal(queue.take().length, 1);
    await run(id);
    assert.equal(hunts(), 1);
  });

  it('is run again when whoever ran it has died, whose message came back at once', async () => {
    const { jobs, run, setHunt, queue, pass, outcome, hunts } = createScene();
    const id = await jobs.accept(application, { query: 'x' });
    queue.take();
    setHunt(() => new Promise(() => {}));
    void run(id);
    while (hunts() === 0) await Promise.resolve();
    setHunt(async () => found);
    pass(minuteMs / 2);
    await run(id);
    const [again] = queue.take();
    assert.equal(hunts(), 1);
    assert.ok(again);
    pass(again.visibleAfterMs);
    await run(id);
    assert.equal((await outcome(id))?.kind, 'done');
  });

  it('is run again when its result cannot be kept', async () => {
    const { jobs, run, blobs, queue, pass, outcome } = createScene();
    const id = await jobs.accept(application, { query: 'x' });
    queue.take();
    blobs.setDown(true);
    await assert.rejects(run(id), UpstreamError);
    blobs.setDown(false);
    assert.deepEqual(await outcome(id), { kind: 'running' });
    await run(id);
    pass(queue.take()[0]?.visibleAfterMs ?? assert.fail('Nobody runs it'));
    await run(id);
    assert.equal((await outcome(id))?.kind, 'done');
  });

  it('ends when it was interrupted three times, and does not run for ever in any case', async () => {
    const { jobs, run, blobs, pass, outcome } = createScene();
    const id = await jobs.accept(application, { query: 'x' });
    blobs.setDown(true);
    for (let tries = 0; tries < 3; tries++) {
      await assert.rejects(run(id), UpstreamError);
      pass(6 * minuteMs);
    }
    await run(id);
    assert.partialDeepStrictEqual(await outcome(id), { kind: 'failed', failure: { status: 504 } });
    const lost = await jobs.accept(application, { query: 'x' });
    pass(61 * minuteMs);
    assert.equal((await outcome(lost))?.kind, 'failed');
  });

  it('ends with what Defender says of it', async () => {
    const { jobs, run, setHunt, outcome, table } = createScene();
    const id = await jobs.accept(application, { query: 'x' });
    setHunt(() => Promise.reject(new RequestError(400, 'InvalidQuery', 'No such table.')));
    await run(id);
    assert.deepEqual(await outcome(id), {
      kind: 'failed',
      failure: { status: 400, code: 'InvalidQuery', detail: 'No such table.' },
    });
    // The query is kept no longer than it is needed.
    assert.ok(Object.keys((await table.get('job', id)) ?? {}).every((name) => !name.startsWith('text')));
  });

  it('is for whoever started it, and for a day', async () => {
    const { jobs, outcome, pass, defender } = createScene();
    const user = createUser('one');
    const id = await jobs.accept(user, { query: 'x' });
    await jobs.runAs(id, defender, toFailure);
    assert.equal((await outcome(id, user))?.kind, 'done');
    for (const other of [application, createUser('two'), createUser('one', '22222222-2222-4333-8444-555555555555')])
      assert.equal(await outcome(id, other), undefined);
    pass(24 * 60 * minuteMs);
    assert.equal(await outcome(id, user), undefined);
  });

  it('of a user ends when the instance has died that had the token', async () => {
    const { jobs, run, queue, pass, outcome, hunts } = createScene();
    const user = createUser('one');
    const id = await jobs.accept(user, { query: 'x' });
    const [watch] = queue.take();
    pass(watch?.visibleAfterMs ?? assert.fail('Nobody watches it'));
    await run(id);
    assert.equal(hunts(), 0);
    assert.equal((await outcome(id, user))?.kind, 'failed');
  });

  it('is refused when its query cannot be kept', async () => {
    const { jobs } = createScene();
    const query = Array.from({ length: 40_000 }, (_, index) => Math.sin(index + 1)).join();
    await assert.rejects(jobs.accept(application, { query }), { name: 'RequestError', status: 413 });
  });

  it('is removed with its result after a day', async () => {
    const { jobs, run, table, blobs, pass } = createScene();
    await run(await jobs.accept(application, { query: 'x' }));
    assert.equal(blobs.names.length, 1);
    await jobs.removeOld();
    assert.equal((await table.list('job')).length, 1);
    pass(25 * 60 * minuteMs);
    await jobs.removeOld();
    assert.deepEqual([blobs.names, await table.list('job')], [[], []]);
  });
});
