import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { application, createJobScene, found, minuteMs, tenantId, toFailure } from './hunting-job-scene.ts';

const query = { query: 'x' };
const user: Principal = {
  kind: 'user',
  objectId: 'one',
  tenantId,
  assertion: 'token',
  assertionHash: 'one',
  expiresAt: 0,
};

type Scene = ReturnType<typeof createJobScene>;

/** Starts a job on the first instance, which then hangs in Defender. */
async function startHanging(scene: Scene, id: string, start = scene.run): Promise<void> {
  const before = scene.hunts();
  scene.setHunt(() => new Promise(() => {}));
  void start(id);
  while (scene.hunts() === before) await Promise.resolve();
  scene.setHunt(async () => found);
}

describe('hunting job whose instance dies', () => {
  it('runs again on another instance once its lease of 30 seconds has ended', async () => {
    const scene = createJobScene();
    const { jobs, queue, table, runOnOther, clock, outcome, hunts } = scene;
    const id = await jobs.accept(application, 'owner', query);
    queue.take();
    await startHanging(scene, id);
    // A dead instance renews nothing.
    table.setDown(true);
    await clock.advance(minuteMs);
    table.setDown(false);
    await runOnOther(id);
    assert.equal(hunts(), 2);
    assert.equal((await outcome(id))?.kind, 'done');
  });

  it('has the message sent again for the end of its lease when that is delivered before', async () => {
    const scene = createJobScene();
    const { jobs, queue, runOnOther, hunts } = scene;
    const id = await jobs.accept(application, 'owner', query);
    queue.take();
    await startHanging(scene, id);
    await runOnOther(id);
    const [again] = queue.take();
    assert.equal(hunts(), 1);
    assert.ok(again !== undefined && again.visibleAfterMs <= 30_000, `${again?.visibleAfterMs}`);
  });
});

describe('hunting job that takes minutes', () => {
  it('stays with its instance, which renews the lease', async () => {
    const scene = createJobScene();
    const { jobs, runOnOther, clock, hunts } = scene;
    const id = await jobs.accept(application, 'owner', query);
    await startHanging(scene, id);
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(minuteMs);
      await runOnOther(id);
    }
    assert.equal(hunts(), 1);
  });

  it('survives, as a job of a user, an instance whose clock is two minutes ahead', async () => {
    const scene = createJobScene({ skewMs: 2 * minuteMs });
    const { jobs, runOnOther, clock, outcome, defender } = scene;
    const id = await jobs.accept(user, 'owner', query);
    await startHanging(scene, id, (operationId) => jobs.runAsUser(operationId, defender, toFailure));
    await clock.advance(minuteMs);
    await runOnOther(id);
    assert.deepEqual(await outcome(id, user), { kind: 'running' });
  });
});

describe('hunting job whose storage fails', () => {
  it('runs again when its rows cannot be written', async () => {
    const { jobs, run, blobs, queue, outcome } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    queue.take();
    blobs.setDown(true);
    await assert.rejects(run(id), UpstreamError);
    blobs.setDown(false);
    assert.deepEqual(await outcome(id), { kind: 'running' });
    await run(id);
    assert.equal((await outcome(id))?.kind, 'done');
  });

  it('fails after three attempts', async () => {
    const { jobs, run, blobs, outcome } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    blobs.setDown(true);
    for (let attempt = 0; attempt < 3; attempt++) await assert.rejects(run(id), UpstreamError);
    await run(id);
    assert.partialDeepStrictEqual(await outcome(id), { kind: 'failed', failure: { status: 504 } });
  });

  it('fails after an hour when its messages are lost', async () => {
    const { jobs, clock, outcome } = createJobScene();
    const id = await jobs.accept(application, 'owner', query);
    await clock.advance(61 * minuteMs);
    assert.equal((await outcome(id))?.kind, 'failed');
  });

  for (const method of ['replace', 'transact'] as const) {
    it(`runs once when the response to a ${method} is lost`, async () => {
      const { jobs, run, table, outcome, hunts } = createJobScene();
      const id = await jobs.accept(application, 'owner', query);
      table.injectFault({ when: 'after', method });
      await run(id);
      assert.equal((await outcome(id))?.kind, 'done');
      assert.equal(hunts(), 1);
    });
  }
});

describe('hunting job of a user', () => {
  it('fails when the instance that has the token dies', async () => {
    const { jobs, run, queue, clock, outcome, hunts } = createJobScene();
    const id = await jobs.accept(user, 'owner', query);
    const [watch] = queue.take();
    await clock.advance(watch?.visibleAfterMs ?? assert.fail('no message'));
    await run(id);
    assert.equal(hunts(), 0);
    assert.partialDeepStrictEqual(await outcome(id, user), { kind: 'failed', failure: { status: 504 } });
  });

  it('never rejects', async () => {
    const { jobs, blobs, defender } = createJobScene();
    const id = await jobs.accept(user, 'owner', query);
    blobs.setDown(true);
    await jobs.runAsUser(id, defender, toFailure);
  });
});
