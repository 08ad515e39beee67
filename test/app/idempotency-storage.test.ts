import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StorageFate } from '../sandbox/storage/storage-account.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
cloud.administrator.putSecret('state-key', Buffer.alloc(32, 7).toString('base64'));
const app = await useApp({ cloud, hasStorage: true, settings: { STATE_KEY_NAME: 'state-key' } });
const { call, storage } = app;
const { incidents } = cloud.securityOf(cloud.world.home.id);
const incidentId = incidents.all()[0]?.incidentId ?? 0;

function newWrite() {
  const comment = `Seen by ${crypto.randomUUID()}.`;
  const options = { json: { comment }, headers: { 'idempotency-key': crypto.randomUUID() } };
  return {
    send: () => call(`PATCH /incidents/${incidentId}`, options),
    count: () => incidents.get(incidentId)?.comments.filter((each) => each.comment === comment).length,
  };
}

/** Decides the fate of the `index`th storage call from now on; says whether there was one. */
function fail(index: number, fate: StorageFate) {
  let calls = 0;
  storage.decide = () => (calls++ === index ? fate : 'answered');
  return () => {
    storage.decide = () => 'answered';
    return calls > index;
  };
}

describe('a write with an Idempotency-Key', () => {
  it('succeeds and is stored if any one storage response is lost', async () => {
    let index = 0;
    for (let wasReached = true; wasReached; index++) {
      const { send, count } = newWrite();
      const stop = fail(index, 'lost');
      const first = await send();
      wasReached = stop();
      assertStatus(first, 200);
      assert.equal((await send()).text, first.text, `storage call ${index}`);
      assert.equal(count(), 1);
    }
    assert.ok(index > 4, `${index} storage calls`);
  });

  it('is not sent while storage is down', async () => {
    const { send, count } = newWrite();
    storage.decide = () => 503;
    assertProblem(await send(), 502, 'UpstreamFailed');
    assert.equal(count(), 0);
    storage.decide = () => 'answered';
    assertStatus(await send(), 200);
    assert.equal(count(), 1);
  });
});
