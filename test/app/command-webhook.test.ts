import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { newSecret, sendSigned } from './signed-message.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, world } = cloud;
const [, fabrikam] = world.tenants;
assert.ok(fabrikam);
const secretName = 'webhook-secret';
let secret = newSecret();
administrator.putSecret(secretName, secret);
const settings = { DEFENDER_TENANTS: fabrikam.id, WEBHOOK_SECRET_NAME: secretName };
const app = await useApp({ cloud, hasStorage: true, settings });
const { incidents, machines } = cloud.securityOf(world.home.id);
const incidentId = incidents.all()[0]?.incidentId ?? assert.fail('There is no incident');

const send = (message: unknown, signing: Partial<Parameters<typeof sendSigned>[2]> = {}, { call } = app) =>
  sendSigned(call, message, { by: secret, ...signing });

const update = (members: object = { tags: ['by-webhook'] }, more: object = {}) => ({
  type: 'incident.update',
  data: { incidentId, ...members },
  ...more,
});
const changes = () => calls.all.filter(({ method, service }) => method !== 'GET' && service.startsWith('defender'));

describe('a signed command', () => {
  it('updates an incident of the home tenant or of the named one', async () => {
    const reply = await send(update({ status: 'InProgress', tags: ['by-webhook'] }));
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, { incidentId, status: 'InProgress', tags: ['by-webhook'] });
    const [other] = cloud.securityOf(fabrikam.id).incidents.all();
    const data = { incidentId: other?.incidentId, tags: ['x'] };
    assertStatus(await send({ type: 'incident.update', tenantId: fabrikam.domain, data }), 200);
    assert.deepEqual(
      changes().map(({ tenantId }) => tenantId),
      [world.home.id, fabrikam.id],
    );
  });

  it('starts a machine action and returns the Location of its status', async () => {
    const data = { machineId: machines[0]?.id, type: 'runAntiVirusScan', comment: 'Asked for by the ticket system' };
    const reply = await send({ type: 'machine.action', data });
    assertStatus(reply, 202);
    assert.match(reply.headers.get('location') ?? '', /\/api\/machine-actions\/[0-9a-f-]{36}$/);
    assertStatus(await app.call(`GET ${reply.headers.get('location')}`), 202);
  });

  it('submits an indicator', async () => {
    const data = {
      indicatorValue: 'bad.example',
      indicatorType: 'DomainName',
      action: 'Block',
      title: 'Bad',
      description: 'By webhook',
    };
    const reply = await send({ type: 'indicator.submit', data });
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, { indicatorValue: 'bad.example' });
  });

  it('runs once, however often its message is sent', async () => {
    const id = crypto.randomUUID();
    const command = update({ comment: `Once: ${id}` });
    const first = await send(command, { id });
    assertStatus(first, 200);
    assert.equal((await send(command, { id, secondsAgo: 60 })).text, first.text);
    assert.equal(changes().length, 1);
    assertProblem(await send(update({ tags: [] }), { id }), 422, 'IdempotencyKeyReused');
  });

  it('has a key space of its own for its message id', async () => {
    const id = crypto.randomUUID();
    const guessed = `webhook-${createHash('sha256').update(id).digest('base64url')}`;
    const headers = { 'idempotency-key': guessed };
    const before = changes().length;
    assertStatus(await app.call(`PATCH /incidents/${incidentId}`, { json: { tags: ['by-caller'] }, headers }), 200);
    assertStatus(await send(update({ tags: ['by-command'] }), { id }), 200);
    assert.equal(changes().length, before + 2);
  });

  it('may have the envelope that Standard Webhooks advises', async () => {
    const envelope = { timestamp: new Date().toISOString(), id: 'msg_1', specversion: '1.0' };
    assertStatus(await send(update({ tags: ['enveloped'] }, envelope)), 200);
  });

  it('is 400 without a body, as after a chunked request', async () => {
    const { errors } = assertProblem(await send('', { sent: '' }), 400, 'InvalidRequest');
    assert.match(errors?.[0]?.detail ?? '', /chunked/);
  });

  it('is 413 over 64 KB, before its signature is checked', async () => {
    const before = calls.of('keyVault').length;
    assertProblem(await send(update({ comment: 'x'.repeat(65_536) }), { by: newSecret() }), 413, 'RequestTooLarge');
    assert.equal(calls.of('keyVault').length, before);
  });

  it('is 401 when its signature is wrong or missing, its body modified or its timestamp too old', async () => {
    const { headers } = await send(update(), { by: newSecret() });
    assert.equal(headers.get('cache-control'), 'no-store');
    for (const reply of [
      await send(update(), { by: newSecret() }),
      await send(update(), { sent: JSON.stringify(update({ tags: ['changed'] })) }),
      await send(update(), { secondsAgo: 6 * 60 }),
      await send(update(), { secondsAgo: -6 * 60 }),
      await app.call('POST /webhooks/commands', { json: update(), withKey: false }),
    ]) {
      assertProblem(reply, 401, 'InvalidSignature');
    }
    assert.deepEqual(changes(), []);
  });

  it('reads Key Vault at most once a minute for invalid signatures', async () => {
    await send(update(), { by: newSecret() });
    calls.clear();
    for (let attempt = 0; attempt < 5; attempt++) await send(update(), { by: newSecret() });
    assert.equal(calls.count('keyVault'), 0);
  });

  it('is accepted with a rotated secret', async () => {
    await app.host.restart();
    assertStatus(await send(update()), 200);
    secret = newSecret();
    administrator.putSecret(secretName, secret);
    assertStatus(await send(update()), 200);
  });

  it('is 401 with the old secret after the Key Vault event of the new one', async () => {
    await app.host.restart();
    const old = secret;
    assertStatus(await send(update(), { by: old }), 200);
    secret = newSecret();
    administrator.putSecret(secretName, secret);
    const event = {
      id: crypto.randomUUID(),
      eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
      data: { ObjectName: secretName },
    };
    assertStatus(await app.call('POST /webhooks/key-vault', { json: [event] }), 200);
    assertProblem(await send(update(), { by: old }), 401, 'InvalidSignature');
    assertStatus(await send(update()), 200);
  });

  it('gets validation errors with the paths of its own message', async () => {
    const cases = [
      [update({ status: 'Done', nonsense: 1 }), ['/data/nonsense', '/data/status']],
      [{ type: 'incident.update', data: { tags: [] } }, ['/data/incidentId']],
      [update({}, { tenantId: 'not a tenant' }), ['/data', '/tenantId']],
      [{ type: 'incident.delete', data: {} }, ['/type']],
      [{ type: 'incident.update' }, ['/data']],
    ] as const;
    for (const [message, names] of cases) {
      const { errors } = assertProblem(await send(message), 400, 'InvalidRequest');
      assert.deepEqual(errors?.map(({ name }) => name).sort(), names);
      assert.ok(errors?.every(({ in: where }) => where === 'body'));
    }
    assertProblem(await send('no JSON'), 400, 'InvalidRequest');
  });

  it('is subject to read-only mode and the allowed machine actions', async (t) => {
    const readOnly = await app.startBeside({ ...settings, DEFENDER_READ_ONLY: 'true' });
    t.after(() => readOnly.stop());
    assertProblem(await send(update(), {}, readOnly), 403, 'ReadOnly');
    const offboard = { machineId: machines[0]?.id, type: 'offboard', comment: 'No' };
    assertProblem(await send({ type: 'machine.action', data: offboard }), 403, 'ActionNotAllowed');
    const stranger = update({ tags: [] }, { tenantId: crypto.randomUUID() });
    assertProblem(await send(stranger), 403, 'TenantNotAllowed');
  });

  it('is 404 without WEBHOOK_SECRET_NAME', async (t) => {
    const deaf = await app.startBeside({ WEBHOOK_SECRET_NAME: '' });
    t.after(() => deaf.stop());
    assertProblem(await send(update(), {}, deaf), 404, 'NotFound');
  });

  it('is 503 while the secret cannot be used, and only the log names secret and vault', async (t) => {
    administrator.putSecret('odd-secret', 'whsec_%%%');
    for (const name of ['odd-secret', 'no-such-secret']) {
      const beside = await app.startBeside({ WEBHOOK_SECRET_NAME: name });
      t.after(() => beside.stop());
      const reply = await send(update(), {}, beside);
      assertProblem(reply, 503, 'CredentialUnavailable');
      assert.doesNotMatch(reply.text, /%%%|odd-secret|no-such-secret|vault\.azure|WEBHOOK/i);
      assert.match(beside.host.logs.join(), /keyVault.*secret/i);
      assert.doesNotMatch(beside.host.logs.join(), /%%%/);
    }
  });
});
