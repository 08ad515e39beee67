import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { application, createJobScene, found, minuteMs, tenantId, toFailure } from './hunting-job-scene.ts';

const query = { query: 'x' };
const done = { kind: 'done', rows: ['{"A":1}', '{"A":2}'] };

const createUser = (name: string, tenant = tenantId): Principal => ({
  kind: 'user',
  objectId: name,
  tenantId: tenant,
  assertion: `token of ${name}`,
  assertionHash: name,
  expiresAt: 0,
});

describe('hunting job', () => {
  it('reports that it runs, then its rows', async () => {
    const { jobs, run, outcome, queue } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    assert.deepEqual(queue.take(), [
      { message: { operationId: id }, visibleAfterMs: 0 },
      { message: { operationId: id }, visibleAfterMs: 60_000 },
    ]);
    assert.deepEqual(await outcome(id), { kind: 'running' });
    await run(id);
    assert.deepEqual(await outcome(id), done);
  });

  it('runs once, however often its message is delivered', async () => {
    const { jobs, run, hunts, queue } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    queue.take();
    await Promise.all([run(id), run(id)]);
    assert.equal(queue.take().length, 1, 'the second one has the first one checked later');
    await run(id);
    assert.equal(hunts(), 1);
  });

  it('fails with the problem that Defender reports', async () => {
    const { jobs, run, setHunt, outcome, table } = createJobScene();
    const id = await jobs.accept(application, 'owner', { query: 'a secret query' });
    setHunt(() => Promise.reject(new RequestError(400, 'InvalidQuery', 'No such table.')));
    await run(id);
    assert.deepEqual(await outcome(id), {
      kind: 'failed',
      failure: { status: 400, code: 'InvalidQuery', detail: 'No such table.' },
    });
    assert.equal(await table.insert({ partitionKey: 'job', rowKey: id }), false);
  });

  for (const [what, change, status, code] of [
    ['offboarded', undefined, 403, 'TenantNotAllowed'],
    ['pending', { tenantId, isPending: true }, 403, 'ConsentRequired'],
  ] as const) {
    it(`does not run in a tenant that is ${what} by then`, async () => {
      const { jobs, run, served, hunts, outcome } = createJobScene();
      const id = await jobs.accept(application, 'owner', query);
      served.delete(tenantId);
      if (change !== undefined) served.set(tenantId, change);
      await run(id);
      assert.equal(hunts(), 0);
      assert.partialDeepStrictEqual(await outcome(id), { kind: 'failed', failure: { status, code } });
    });
  }

  it('does not run when the grant of its owner is revoked by then', async () => {
    const { jobs, run, grants, hunts, outcome } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    grants.isRevoked = true;
    await run(id);
    assert.equal(hunts(), 0);
    assert.partialDeepStrictEqual(await outcome(id), { kind: 'failed', failure: { code: 'TenantNotAllowed' } });
  });

  it('shows itself to callers who can see its owner', async () => {
    const { jobs, outcome } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    assert.equal((await outcome(id, application, 'owner'))?.kind, 'running');
    assert.equal(await outcome(id, application, 'another'), undefined);
  });

  it('shows itself to its principal only, for 24 hours', async () => {
    const { jobs, outcome, clock, defender } = createJobScene();
    const user = createUser('one');
    const id = await jobs.accept(user, 'owner', query);
    await jobs.runAsUser(id, defender, toFailure);
    assert.equal((await outcome(id, user))?.kind, 'done');
    for (const other of [application, createUser('two'), createUser('one', '22222222-2222-4333-8444-555555555555')])
      assert.equal(await outcome(id, other), undefined);
    await clock.advance(24 * 60 * minuteMs);
    assert.equal(await outcome(id, user), undefined);
  });

  it('counts as unknown when its row cannot be read', async () => {
    const { jobs, run, table, outcome, hunts } = createJobScene();
    for (const row of [{ text0: 'junk' }, { text0: Buffer.from('{').toString('base64') }, {}]) {
      const id = await jobs.accept(application, 'owner', query);
      await table.upsert({ partitionKey: 'job', rowKey: id, ...row });
      await run(id);
      assert.equal(await outcome(id), undefined);
    }
    assert.equal(hunts(), 0);
  });

  it('counts as unknown when its rows are gone', async () => {
    const { jobs, run, blobs, outcome } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    await run(id);
    for (const name of blobs.names) await blobs.delete(name);
    assert.equal(await outcome(id), undefined);
  });

  it('fails to start when no message can be sent for it', async () => {
    const { jobs, queue } = createJobScene();
    queue.setDown(true);
    await assert.rejects(jobs.accept(application, 'owner', query), UpstreamError);
  });
});

describe('removal of old hunting jobs', () => {
  it('removes rows and results after 24 hours', async () => {
    const { jobs, run, table, blobs, clock } = createJobScene();
    await run(await jobs.accept(application, 'owner', query));
    await jobs.removeOld(Number.POSITIVE_INFINITY);
    assert.deepEqual([(await table.list('job')).length, blobs.names.length], [1, 1]);
    await clock.advance(25 * 60 * minuteMs);
    const recent = await jobs.accept(application, 'owner', query);
    await jobs.removeOld(Number.POSITIVE_INFINITY);
    assert.deepEqual(
      (await table.list('job')).map(({ rowKey }) => rowKey),
      [recent],
    );
    assert.deepEqual(blobs.names, []);
  });

  it('reads page by page, and stops at its deadline', async () => {
    const { jobs, table, clock } = createJobScene();
    for (let count = 0; count < 250; count++) await jobs.accept(application, 'owner', query);
    await clock.advance(25 * 60 * minuteMs);
    await jobs.removeOld(clock.now());
    assert.equal((await table.list('job')).length, 150);
    await jobs.removeOld(clock.now() + 1);
    assert.equal((await table.list('job')).length, 0);
  });
});

describe('rows of a hunting job', () => {
  it('come from the attempt that completed', async () => {
    const { jobs, run, setHunt, outcome, table } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    // The result is written, but its job does not come to know.
    table.injectFault({ when: 'before', method: 'transact', times: 3 });
    await assert.rejects(run(id), UpstreamError);
    setHunt(async () => [...found, { row: '{"A":3}' }]);
    await run(id);
    assert.deepEqual(await outcome(id), { kind: 'done', rows: ['{"A":1}', '{"A":2}', '{"A":3}'] });
  });
});
