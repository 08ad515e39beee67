import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breakConnection, loseAnswer } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { faults, world } = cloud;
const app = await useApp({ cloud, hasStorage: true });
const newWrite = () => ({
  json: { type: 'isolate', comment: `Seen by ${crypto.randomUUID()}.` },
  headers: { 'idempotency-key': crypto.randomUUID() },
});

describe('a machine action with an Idempotency-Key', () => {
  const { machines, machineActions } = cloud.securityOf(world.home.id);
  const [machine] = machines;
  assert.ok(machine);
  const isolate = `POST /machines/${machine.id}/actions` as const;
  const isolations = () => machineActions.all().filter(({ type }) => type === 'Isolate');
  const finish = () => {
    for (const { id } of isolations()) machineActions.finish(id, 'Succeeded');
  };

  it('is started once, with a Location on the host of each call', async (t) => {
    const before = isolations().length;
    const options = newWrite();
    const first = await app.call(isolate, options);
    assertStatus(first, 202);
    finish();
    const beside = await app.startBeside({});
    t.after(() => beside.stop());
    const again = await beside.call(isolate, options);
    assert.deepEqual([again.status, again.text], [202, first.text]);
    assert.ok(first.headers.get('location')?.startsWith(app.host.url));
    assert.ok(again.headers.get('location')?.startsWith(beside.host.url));
    assert.equal(isolations().length, before + 1);
  });

  it('is started once when its response was lost, also if it has ended since', async () => {
    const before = isolations().length;
    const options = newWrite();
    faults.add({ service: 'defenderForEndpoint', times: 1, effect: loseAnswer });
    assertProblem(await app.call(isolate, options), 502, 'UpstreamFailed');
    finish();
    assertStatus(await app.call(isolate, options), 202);
    assert.equal(isolations().length, before + 1);
  });

  it('is started when the first attempt never reached Defender', async () => {
    const before = isolations().length;
    const options = newWrite();
    faults.add({ service: 'defenderForEndpoint', times: 1, effect: breakConnection });
    assertProblem(await app.call(isolate, options), 502, 'UpstreamFailed');
    assertStatus(await app.call(isolate, options), 202);
    assert.equal(isolations().length, before + 1);
    finish();
  });
});
