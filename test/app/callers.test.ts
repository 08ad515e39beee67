import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { User } from '../sandbox/user.ts';
import type { CallOptions } from './call.ts';
import { startApp, useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const time = createMovableTime();
const cloud = createTestCloud({ now: time.now });
const { calls, world } = cloud;
const [home, fabrikam, northwind] = world.tenants;
assert.ok(home && fabrikam && northwind);
const settings = { CALLER_AUTHENTICATION: 'token', DEFENDER_TENANTS: `${fabrikam.id},${northwind.id}` };
const app = await useApp({ cloud, settings, hasStorage: true, time });

const reader = '11111111-aaaa-4bbb-8ccc-000000000001';
const administrator = '11111111-aaaa-4bbb-8ccc-000000000002';

/** A call without a function key, with the token of an application. */
async function as(objectId: string, roles: readonly string[], options: CallOptions = {}): Promise<CallOptions> {
  const token = await cloud.signInApp({ objectId, roles });
  return { ...options, withKey: false, headers: { ...options.headers, authorization: `Bearer ${token}` } };
}

async function asUser(user: User, roles: readonly string[], json?: unknown): Promise<CallOptions> {
  const authorization = `Bearer ${await cloud.signIn(user, { roles })}`;
  return { withKey: false, headers: { authorization }, ...(json !== undefined && { json }) };
}

/** Tenants of the calls to Entra and Defender. */
const contactedTenants = () => new Set(calls.all.flatMap(({ path, claims }) => [path.split('/')[1], claims?.tid]));

describe('mode token', () => {
  it('needs no function key', async () => {
    assertStatus(await app.call('GET /incidents?top=1', await as(reader, ['Incident.Read'])), 200);
  });

  it('returns 401 TokenRequired with a challenge for a call without a token, even with a key', async () => {
    for (const withKey of [true, false]) {
      const reply = await app.call('GET /incidents', { withKey });
      assertProblem(reply, 401, 'TokenRequired');
      assert.match(
        reply.headers.get('www-authenticate') ?? '',
        /^Bearer authorization_uri="https:.+", resource_id=".+"$/,
      );
    }
  });

  it('leaves the anonymous operations open', async () => {
    for (const path of ['ping', 'openapi.json', 'swagger.json', 'docs']) {
      assertStatus(await app.call(`GET /${path}`, { withKey: false }), 200);
    }
  });

  it('accepts the events of Event Grid with its role only', async () => {
    const json = [{ id: '1', eventType: 'x', subject: 'y', data: {} }];
    assertProblem(await app.call('POST /webhooks/key-vault', { withKey: false, json }), 401, 'TokenRequired');
    const other = await as(reader, ['Incident.Read'], { json });
    assertProblem(await app.call('POST /webhooks/key-vault', other), 403, 'MissingRole');
    const grid = await as(reader, ['AzureEventGridSecureWebhookSubscriber'], { json });
    assertStatus(await app.call('POST /webhooks/key-vault', grid), 200);
  });
});

describe('mode keyAndToken', () => {
  it('needs both', async () => {
    await using both = await startApp({ cloud, settings: { ...settings, CALLER_AUTHENTICATION: 'keyAndToken' }, time });
    const token = await as(reader, ['Incident.Read']);
    assertStatus(await both.call('GET /incidents?top=1', { ...token, withKey: true }), 200);
    assert.equal((await both.call('GET /incidents?top=1', token)).status, 401);
    assertProblem(await both.call('GET /incidents?top=1'), 401, 'TokenRequired');
  });
});

describe('roles', () => {
  it('are required per operation, and named with the ones of the caller', async () => {
    const reply = await app.call('GET /alerts', await as(reader, ['Incident.Read', 'Machine.Read']));
    const { detail, nextStep } = assertProblem(reply, 403, 'MissingRole');
    assert.equal(
      detail,
      'The operation requires the role Alert.Read; the caller has the roles Incident.Read, Machine.Read.',
    );
    assert.match(nextStep ?? '', /appRoleAssignedTo.+managed identity for up to a day/s);
    assert.equal(calls.count('graph'), 0);
  });

  it('ReadWrite includes Read, and not the reverse', async () => {
    assertStatus(await app.call('GET /incidents?top=1', await as(reader, ['Incident.ReadWrite'])), 200);
    const update = await as(reader, ['Incident.Read'], { json: { comment: 'x' } });
    assertProblem(await app.call('PATCH /incidents/1', update), 403, 'MissingRole');
  });

  it('machine actions require the role of their type', async () => {
    const path = `POST /machines/${'a'.repeat(40)}/actions`;
    const json = { type: 'isolate', comment: 'x' };
    assertProblem(await app.call(path as 'POST /', await as(reader, ['Machine.Scan'], { json })), 403, 'MissingRole');
    const invalid = await as(reader, ['Machine.Scan'], { json: { type: 'explode', comment: 'x' } });
    assertProblem(await app.call(path as 'POST /', invalid), 400, 'InvalidRequest');
  });

  it('are not needed by users, except for operations that do not call Defender', async () => {
    const [user] = home.users;
    assertStatus(await app.call('GET /incidents?top=1', await asUser(user, [])), 200);
    assertProblem(await app.call('GET /subscriptions', await asUser(user, [])), 403, 'MissingRole');
    assertProblem(await app.call('GET /triggers/incidents', await asUser(user, [])), 403, 'MissingRole');
    assertStatus(await app.call('GET /subscriptions', await asUser(user, ['Subscription.ReadWrite'])), 200);
  });

  it('roles that a customer tenant assigned do not reach beyond that tenant', async () => {
    const [user] = fabrikam.users;
    assertStatus(await app.call('GET /incidents?top=1', await asUser(user, [])), 200);
    for (const path of ['tenants', 'callers', 'health'] as const) {
      const roles = ['Tenant.ReadWrite', 'Caller.ReadWrite', 'Health.Read'];
      assertProblem(await app.call(`GET /${path}`, await asUser(user, roles)), 403, 'MissingRole');
    }
    const hunt = { name: 'x', query: 'AlertInfo', schedule: '0 0 * * *', tenantIds: [home.id] };
    assertProblem(await app.call('POST /hunts', await asUser(user, ['Hunt.ReadWrite'], hunt)), 403, 'TenantNotAllowed');
  });
});

describe('grants', () => {
  const put = async (objectId: string, tenantIds: readonly string[]) =>
    await app.call(`PUT /callers/${objectId}`, await as(administrator, ['Caller.ReadWrite'], { json: { tenantIds } }));

  it('are the home tenant by default, and no other tenant is contacted', async () => {
    const token = await as(reader, ['Incident.Read']);
    calls.clear();
    for (const tenant of [fabrikam.id, 'ffffffff-2222-4333-8444-555555555555']) {
      const { detail } = assertProblem(
        await app.call(`GET /incidents?tenantId=${tenant}`, token),
        403,
        'TenantNotAllowed',
      );
      assert.equal(detail, `The tenant ${tenant} is not served.`);
    }
    assert.equal(contactedTenants().has(fabrikam.id), false);
    assertStatus(await app.call('GET /incidents?top=1', token), 200);
  });

  it('can be made only for tenants that the granting caller has', async () => {
    assertProblem(await put(reader, [fabrikam.id]), 403, 'TenantNotAllowed');
    assertProblem(await put(reader, ['*']), 403, 'TenantNotAllowed');
    assertStatus(await put(reader, [home.id]), 201);
    assertStatus(await put(reader, [home.id]), 200);
  });

  it('take effect on every instance within a minute, and end so too', async () => {
    await using keyed = await app.startBeside({ ...settings, CALLER_AUTHENTICATION: 'key' });
    await using other = await app.startBeside(settings);
    const call = async () =>
      await other.call(`GET /incidents?top=1&tenantId=${fabrikam.id}`, await as(reader, ['Incident.Read']));
    assertProblem(await call(), 403, 'TenantNotAllowed');
    assertStatus(
      await keyed.call(`PUT /callers/${reader}`, { json: { tenantIds: [fabrikam.id], note: 'SOC of Fabrikam' } }),
      200,
    );
    await time.advance(60_000);
    assertStatus(await call(), 200);
    assertProblem(
      await other.call('GET /incidents?top=1', await as(reader, ['Incident.Read'])),
      403,
      'TenantNotAllowed',
    );
    assertStatus(await keyed.call(`DELETE /callers/${reader}`), 204);
    await time.advance(60_000);
    assertProblem(await call(), 403, 'TenantNotAllowed');
  });

  it('can be deleted by a caller that has other tenants, if it has the home tenant that remains', async () => {
    await using keyed = await app.startBeside({ ...settings, CALLER_AUTHENTICATION: 'key' });
    const grant = async (objectId: string) =>
      await keyed.call(`PUT /callers/${objectId}`, { json: { tenantIds: [fabrikam.id] } });
    const remove = async (objectId: string) =>
      await app.call(`DELETE /callers/${objectId}`, await as(administrator, ['Caller.ReadWrite']));
    assertStatus(await grant(reader), 201);
    assertStatus(await remove(reader), 204);

    assertStatus(await grant(administrator), 201);
    await time.advance(60_000);
    assertProblem(await remove(administrator), 403, 'TenantNotAllowed');
    assertStatus(await keyed.call(`DELETE /callers/${administrator}`), 204);
    await time.advance(60_000);
  });

  it('are listed, read and deleted', async () => {
    assertStatus(await put(reader, [home.id]), 201);
    const token = await as(administrator, ['Caller.ReadWrite']);
    const { value } = (await app.call('GET /callers', token)).json as { value: { objectId: string }[] };
    assert.deepEqual(
      value.map(({ objectId }) => objectId),
      [reader],
    );
    const { updatedAt, ...caller } = (await app.call(`GET /callers/${reader}`, token)).json as Record<string, unknown>;
    assert.deepEqual(caller, { objectId: reader, tenantIds: [home.id], updatedBy: administrator });
    for (let time = 0; time < 2; time++) assertStatus(await app.call(`DELETE /callers/${reader}`, token), 204);
    assertProblem(await app.call(`GET /callers/${reader}`, token), 404, 'NotFound');
    assertProblem(await app.call('GET /callers/unknown', token), 400, 'InvalidRequest');
  });
});

describe('mode key', () => {
  it('rejects a forged token although the key is valid', async () => {
    await using keyed = await app.startBeside({ ...settings, CALLER_AUTHENTICATION: 'key' });
    const [header, payload] = (await cloud.signInApp()).split('.');
    const reply = await keyed.call('GET /incidents', {
      headers: { authorization: `Bearer ${header}.${payload}.AAAA` },
    });
    assertProblem(reply, 401, 'InvalidUserToken');
  });
});
