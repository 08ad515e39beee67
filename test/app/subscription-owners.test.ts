import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallOptions } from './call.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { callbackUrl, subscriber } from './subscriber.ts';
import { createTestCloud } from './test-app.ts';

const time = createMovableTime();
const cloud = createTestCloud({ now: time.now });
const [home, fabrikam] = cloud.world.tenants;
assert.ok(home && fabrikam);
const settings = { CALLER_AUTHENTICATION: 'token', DEFENDER_TENANTS: fabrikam.id };
const app = await useApp({ cloud, settings, hasStorage: true, time });
const keyed = { ...settings, CALLER_AUTHENTICATION: 'key' };
const { addIncident, take } = subscriber(app);

const one = '11111111-aaaa-4bbb-8ccc-000000000001';
const other = '11111111-aaaa-4bbb-8ccc-000000000002';
const administrator = '11111111-aaaa-4bbb-8ccc-000000000003';

async function as(objectId: string, json?: unknown, role = 'Subscription.ReadWrite'): Promise<CallOptions> {
  const roles = role === 'Subscription.ReadWrite' ? [role] : [role, 'Subscription.ReadWrite'];
  const authorization = `Bearer ${await cloud.signInApp({ objectId, roles })}`;
  return { withKey: false, headers: { authorization }, ...(json !== undefined && { json }) };
}

async function subscribe(objectId: string, body: object = {}): Promise<string> {
  const reply = await app.call('POST /subscriptions', await as(objectId, { callbackUrl, ...body }));
  assertStatus(reply, 201);
  return String(Object(reply.json).id);
}

const listIds = async (options: CallOptions): Promise<string[]> =>
  Object((await app.call('GET /subscriptions', options)).json).value.map(({ id }: { id: string }) => id);

describe('a subscription', () => {
  it('is visible to its owner and to callers with Caller.ReadWrite only', async () => {
    const id = await subscribe(one);
    const createdBy = Object((await app.call(`GET /subscriptions/${id}`, await as(one))).json).createdBy;
    assert.equal(createdBy, one);
    for (const path of [`/subscriptions/${id}`, `/subscriptions/${id}/dead-letters`] as const)
      assertProblem(await app.call(`GET ${path}`, await as(other)), 404, 'NotFound');
    assertProblem(await app.call(`POST /subscriptions/${id}/dead-letters`, await as(other)), 404, 'NotFound');
    assert.deepEqual(await listIds(await as(other)), []);
    assert.deepEqual(await listIds(await as(one)), [id]);
    assert.deepEqual(await listIds(await as(administrator, undefined, 'Caller.ReadWrite')), [id]);
  });

  it('is removed only by callers that can see it', async () => {
    const [id = ''] = await listIds(await as(one));
    assertStatus(await app.call(`DELETE /subscriptions/${id}`, await as(other)), 204);
    assert.deepEqual(await listIds(await as(one)), [id]);
    const options = await as(administrator, undefined, 'Caller.ReadWrite');
    assertStatus(await app.call(`DELETE /subscriptions/${id}`, options), 204);
    assert.deepEqual(await listIds(await as(one)), []);
  });

  it('to the same URL belongs to each of its owners', async () => {
    const ids = [await subscribe(one), await subscribe(other)];
    assert.equal(new Set(ids).size, 2);
    for (const [index, objectId] of [one, other].entries())
      await app.call(`DELETE /subscriptions/${ids[index]}`, await as(objectId));
  });

  it('created with the key is visible to callers with Caller.ReadWrite', async () => {
    await using withKey = await app.startBeside(keyed);
    const { json } = await withKey.call('POST /subscriptions', { json: { callbackUrl } });
    const { id, createdBy } = Object(json);
    assert.equal(createdBy, 'key');
    assert.deepEqual(await listIds(await as(one)), []);
    const options = await as(administrator, undefined, 'Caller.ReadWrite');
    assert.deepEqual(await listIds(options), [id]);
    assertStatus(await app.call(`DELETE /subscriptions/${id}`, options), 204);
  });
});

describe('a revoked grant', () => {
  it('ends the events of that tenant within a minute, on every instance', async () => {
    await using withKey = await app.startBeside(keyed);
    await using second = await app.startBeside(settings);
    const ofHome = () => take().flatMap(({ tenantId, data }) => (tenantId === home.id ? [data.incidentId] : []));
    const grant = (tenantIds: string[]) => withKey.call(`PUT /callers/${one}`, { json: { tenantIds } });
    assertStatus(await grant([home.id, fabrikam.id]), 201);
    await time.advance(60_000);
    await subscribe(one, { tenantIds: ['*'] });
    const first = addIncident();
    await time.advance(60_000);
    await app.host.runFunction('syncIncidents');
    await app.host.drainQueues();
    assert.deepEqual(ofHome(), [first]);
    assertStatus(await grant([fabrikam.id]), 200);
    await time.advance(60_000);
    addIncident();
    await time.advance(60_000);
    await second.host.runFunction('syncIncidents');
    await second.host.drainQueues();
    assert.deepEqual(ofHome(), []);
  });
});
