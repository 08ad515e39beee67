import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

const app = await useApp();
const { call, cloud, host } = app;
const { administrator, calls } = cloud;

const name = 'defender-client-secret';
const time = '2026-11-20T09:00:00Z';
const data = { VaultName: 'contoso-defender', ObjectType: 'Secret', ObjectName: name, NBF: null, EXP: null };

const gridEvent = (eventType: string, more: object = {}) => ({
  id: '00eccf70-95a7-4e7c-8299-2eb17ee9ad64',
  topic: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/contoso-defender',
  subject: name,
  eventType,
  eventTime: time,
  data: { ...data, ...more },
  dataVersion: '1',
  metadataVersion: '1',
});

const cloudEvent = (type: string, more: object = {}) => ({
  id: '00eccf70-95a7-4e7c-8299-2eb17ee9ad64',
  source: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/contoso-defender',
  subject: name,
  type,
  time,
  data: { ...data, ...more },
  specversion: '1.0',
});

const newVersion = 'Microsoft.KeyVault.SecretNewVersionCreated';
const post = (json: unknown, headers: Record<string, string> = {}) =>
  call('POST /webhooks/key-vault', { json, headers });

describe('the validation handshake of Event Grid', () => {
  it('returns the validation code', async () => {
    const event = { ...gridEvent('Microsoft.EventGrid.SubscriptionValidationEvent'), data: { validationCode: '512d' } };
    const reply = await post([event], { 'aeg-event-type': 'SubscriptionValidation' });
    assertStatus(reply, 200);
    assert.deepEqual(reply.json, { validationResponse: '512d' });
  });

  it('allows a sender of CloudEvents', async () => {
    const headers = { 'webhook-request-origin': 'eventgrid.azure.net' };
    const reply = await call('OPTIONS /webhooks/key-vault', { headers });
    assertStatus(reply, 200);
    assert.equal(reply.headers.get('webhook-allowed-origin'), 'eventgrid.azure.net');
    assert.equal(reply.headers.get('webhook-allowed-rate'), '*');
    assert.match(reply.headers.get('allow') ?? '', /POST/);
  });

  it('requires the function key', async () => {
    const headers = { 'webhook-request-origin': 'eventgrid.azure.net' };
    assertStatus(await call('OPTIONS /webhooks/key-vault', { headers, withKey: false }), 401);
    assertStatus(await call('POST /webhooks/key-vault', { json: [], withKey: false }), 401);
  });
});

describe('a new version of the secret', () => {
  const deliveries = {
    'in the Event Grid schema': () => post([gridEvent(newVersion)]),
    'as a CloudEvent': () => post(cloudEvent(newVersion), { 'content-type': 'application/cloudevents+json' }),
    'as a batch of CloudEvents': () =>
      post([cloudEvent('Microsoft.KeyVault.KeyNewVersionCreated'), cloudEvent(newVersion)], {
        'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      }),
    'with the blanks and texts of the published sample': () =>
      post([
        {
          ...gridEvent(newVersion),
          data: { 'ObjectName ': ` ${name}`, 'VaultName ': ' contoso-defender', NBF: '1559081980', EXP: '1559082102' },
        },
      ]),
    'with a token of Event Grid, which is no user of ours': () =>
      post([gridEvent(newVersion)], { authorization: 'Bearer e.y.J' }),
  };

  beforeEach(() => host.restart());
  for (const [how, deliver] of Object.entries(deliveries)) {
    it(`is used at once: ${how}`, async () => {
      assertStatus(await call('GET /incidents?top=1'), 200);
      administrator.rotateSecret();
      assertStatus(await deliver(), 200);
      calls.clear();
      const huntingReply = await call('POST /hunting', { json: { query: 'AlertInfo | take 1' } });
      assertStatus(huntingReply, 200);
      assert.deepEqual(
        calls.of('entra').map(({ status }) => status),
        [200],
      );
    });
  }

  it('is ignored when it has another name', async () => {
    assertStatus(await call('GET /incidents?top=1'), 200);
    calls.clear();
    assertStatus(await post([{ ...gridEvent(newVersion, { ObjectName: 'other' }), subject: 'other' }]), 200);
    assertStatus(await call('POST /hunting', { json: { query: 'AlertInfo | take 1' } }), 200);
    assert.equal(calls.count('keyVault'), 0);
  });
});

describe('a body that is not an event', () => {
  it('is rejected', async () => {
    for (const json of [[{}], { type: 7 }, 'text', [gridEvent(newVersion), 1]]) {
      const { errors } = assertProblem(await post(json), 400, 'InvalidRequest');
      assert.equal(errors?.[0]?.in, 'body');
    }
    assertProblem(await post([], { 'content-type': 'text/plain' }), 415, 'UnsupportedMediaType');
  });

  it('is accepted and ignored when its type is unknown', async () => {
    assertStatus(await post([gridEvent('Microsoft.KeyVault.VaultAccessPolicyChanged')]), 200);
    assertStatus(await post([]), 200);
  });
});
