import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { CallOptions } from '../app/call.ts';
import { assertProblem, assertStatus, pageOf } from '../app/replies.ts';
import { createTestCloud } from '../app/test-app.ts';
import { createMovableTime } from '../host/movable-time.ts';
import { type BuiltTestApp, useApp } from './harness.ts';

const minuteMs = 60_000;
const time = createMovableTime();
const cloud = createTestCloud({ now: time.now });
const [, fabrikam] = cloud.world.tenants;
assert.ok(fabrikam);
const settings = { CALLER_AUTHENTICATION: 'token', DEFENDER_TENANTS: fabrikam.id };
const one = await useApp({ cloud, settings, hasStorage: true, time });
const two = await one.startBeside(settings);
const withKey = await one.startBeside({ ...settings, CALLER_AUTHENTICATION: 'key' });
const both = await one.startBeside({ ...settings, CALLER_AUTHENTICATION: 'keyAndToken' });
after(async () => {
  await Promise.all([two.stop(), withKey.stop(), both.stop()]);
  time.close();
});

const reader = '11111111-aaaa-4bbb-8ccc-000000000001';
const administrator = '11111111-aaaa-4bbb-8ccc-000000000002';

async function as(objectId: string, roles: readonly string[], options: CallOptions = {}): Promise<CallOptions> {
  const token = await cloud.signInApp({ objectId, roles });
  return { withKey: false, ...options, headers: { authorization: `Bearer ${token}` } };
}

describe('callers of two app processes over sockets', () => {
  it('need a token and no key in mode token', async () => {
    const asReader = await as(reader, ['Incident.Read']);
    for (const app of [one, two]) {
      pageOf(await app.call('GET /incidents?top=1', asReader));
      assertProblem(await app.call('GET /incidents'), 401, 'TokenRequired');
      assertProblem(await app.call('GET /machines', asReader), 403, 'MissingRole');
      assertStatus(await app.call('GET /ping', { withKey: false }), 200);
    }
  });

  it('need a key and a token in mode keyAndToken', async () => {
    assertStatus(await both.call('GET /incidents?top=1', await as(reader, ['Incident.Read'], { withKey: true })), 200);
    assertStatus(await both.call('GET /incidents?top=1', await as(reader, ['Incident.Read'])), 401);
    assertProblem(await both.call('GET /incidents?top=1'), 401, 'TokenRequired');
  });

  it('gain and lose a tenant on every instance within a minute', async () => {
    const list = async (app: BuiltTestApp) =>
      app.call(`GET /incidents?tenantId=${fabrikam.id}`, await as(reader, ['Incident.Read']));
    for (const app of [one, two]) assertProblem(await list(app), 403, 'TenantNotAllowed');
    // The administrator has the home tenant only: the key makes the first grant.
    const granted = `/callers/${reader}` as const;
    const json = { tenantIds: [fabrikam.id] };
    assertProblem(
      await one.call(`PUT ${granted}`, await as(administrator, ['Caller.ReadWrite'], { json })),
      403,
      'TenantNotAllowed',
    );
    assertStatus(await withKey.call(`PUT ${granted}`, { json }), 201);
    time.advance(minuteMs);
    for (const app of [one, two]) pageOf(await list(app));

    assertStatus(await one.call(`DELETE ${granted}`, await as(administrator, ['Caller.ReadWrite'])), 204);
    time.advance(minuteMs);
    for (const app of [one, two]) assertProblem(await list(app), 403, 'TenantNotAllowed');
  });
});
