import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallOptions } from './call.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const time = createMovableTime();
const cloud = createTestCloud({ now: time.now });
const [home, fabrikam] = cloud.world.tenants;
assert.ok(home && fabrikam);
const settings = { CALLER_AUTHENTICATION: 'token', DEFENDER_TENANTS: fabrikam.id };
const app = await useApp({ cloud, settings, hasStorage: true, time });

const one = '11111111-aaaa-4bbb-8ccc-000000000001';
const other = '11111111-aaaa-4bbb-8ccc-000000000002';
const administrator = '11111111-aaaa-4bbb-8ccc-000000000003';
const query = 'DeviceInfo | project DeviceName | take 3';
const roles = ['Hunt.ReadWrite', 'ThreatHunting.Read'];

async function as(objectId: string, json?: unknown, headers: Record<string, string> = {}): Promise<CallOptions> {
  const own = objectId === administrator ? [...roles, 'Caller.ReadWrite'] : roles;
  const authorization = `Bearer ${await cloud.signInApp({ objectId, roles: own })}`;
  return { withKey: false, headers: { authorization, ...headers }, ...(json !== undefined && { json }) };
}

async function createHunt(objectId: string, body: object = {}): Promise<string> {
  const json = { name: 'x', query, schedule: '0 */10 * * * *', ...body };
  const reply = await app.call('POST /hunts', await as(objectId, json));
  assertStatus(reply, 201);
  assert.equal(Object(reply.json).createdBy, objectId);
  return String(Object(reply.json).id);
}

const listIds = async (objectId: string): Promise<string[]> =>
  Object((await app.call('GET /hunts', await as(objectId))).json).value.map(({ id }: { id: string }) => id);

describe('a saved hunt', () => {
  it('is visible to and removed by its owner and callers with Caller.ReadWrite only', async () => {
    const id = await createHunt(one);
    assertProblem(await app.call(`GET /hunts/${id}`, await as(other)), 404, 'NotFound');
    assert.deepEqual(await listIds(other), []);
    assert.deepEqual(await listIds(administrator), [id]);
    assertStatus(await app.call(`DELETE /hunts/${id}`, await as(other)), 204);
    assert.deepEqual(await listIds(one), [id]);
    assertStatus(await app.call(`DELETE /hunts/${id}`, await as(administrator)), 204);
    assert.deepEqual(await listIds(one), []);
  });

  it('stops in a tenant within a minute after the grant of its owner is revoked, on every instance', async () => {
    await using second = await app.startBeside(settings);
    // Only while it grants: with a key, every owner may act in every tenant.
    const grant = async (tenantIds: string[]) => {
      await using withKey = await app.startBeside({ ...settings, CALLER_AUTHENTICATION: 'key' });
      return await withKey.call(`PUT /callers/${one}`, { json: { tenantIds } });
    };
    assertStatus(await grant([home.id, fabrikam.id]), 201);
    await time.advance(60_000);
    const id = await createHunt(one, { tenantIds: ['*'] });
    const runAt = async (instance: typeof second) => {
      await time.advance(10 * 60_000);
      await instance.host.runFunction('runScheduledHunts');
      await instance.host.drainQueues();
      const { lastRuns } = Object((await app.call(`GET /hunts/${id}`, await as(one))).json);
      return new Map(lastRuns.map(({ tenantId, at }: { tenantId: string; at: string }) => [tenantId, Date.parse(at)]));
    };
    const before = await runAt(second);
    assert.deepEqual([...before.keys()].sort(), [home.id, fabrikam.id].sort());
    assertStatus(await grant([home.id]), 200);
    const after = await runAt(second);
    assert.equal(after.get(fabrikam.id), before.get(fabrikam.id));
    assert.notEqual(after.get(home.id), before.get(home.id));
    await app.call(`DELETE /hunts/${id}`, await as(one));
  });
});

describe('an asynchronous hunting result', () => {
  it('is for the caller that started it and callers with Caller.ReadWrite', async () => {
    const accepted = await app.call('POST /hunting', await as(one, { query }, { prefer: 'respond-async' }));
    assertStatus(accepted, 202);
    await app.host.drainQueues();
    const path: `GET ${string}` = `GET ${(accepted.headers.get('location') ?? '').replace(/^.*\/api/, '')}`;
    assertStatus(await app.call(path, await as(one)), 200);
    assertStatus(await app.call(path, await as(administrator)), 200);
    assertProblem(await app.call(path, await as(other)), 404, 'NotFound');
  });
});
