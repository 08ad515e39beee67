import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { type ClientReply, loadClient } from '../client/generate-client.ts';
import { at } from '../unit/inbound/documents/api-documents.ts';
import type { Reply } from './call.ts';
import { type DocumentedOperation, readDocument } from './documented.ts';
import { useApp } from './harness.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const secretName = 'webhook-secret';
const signingSecret = `whsec_${Buffer.from('a secret of 24 bytes, ok').toString('base64')}`;
cloud.administrator.putSecret(secretName, signingSecret);
const { call, host } = await useApp({ cloud, hasStorage: true, settings: { WEBHOOK_SECRET_NAME: secretName } });
const security = cloud.securityOf(cloud.world.home.id);

/** Operations that return HTML, which the client does not parse. */
const pages = ['consentCallback', 'docs'];

const document = await readDocument(call);
const client = await loadClient();
const called = new Set<string>();

// Every reply is validated against the document, whether or not the test asserts on it.
client.defaults.baseUrl = `${host.url}/api`;
client.defaults.headers = { 'x-functions-key': host.keys.function };
client.defaults.fetch = async (target, init) => {
  const response = await host.fetch(new Request(target, init));
  const { operationId, path, method } = operationOf(new Request(target, init));
  document.assertAsDocumented(await readReply(response.clone()), path, method);
  if (response.ok) called.add(operationId);
  return response;
};

function operationOf({ method, url }: Request): DocumentedOperation {
  const path = new URL(url).pathname.replace('/api', '');
  const sameMethod = document.operations.filter((each) => each.method === method.toLowerCase());
  const found = sameMethod.find((each) => each.path === path) ?? sameMethod.find((each) => matches(each.path, path));
  return found ?? assert.fail(`${method} ${path} is not documented`);
}

const matches = (template: string, path: string): boolean =>
  new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);

async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, json: text === '' ? undefined : JSON.parse(text) };
}

const send = (name: string, input: object = {}, init?: object): Promise<ClientReply> =>
  client.operation(name)(input, init);

/** The body of a reply, which must have this status. */
async function dataOf(name: string, input: object = {}, status = 200): Promise<unknown> {
  const reply = await send(name, input);
  assert.equal(reply.status, status, JSON.stringify(reply.data));
  return reply.data;
}

const first = (list: unknown): unknown => at(list, 'value', '0') ?? assert.fail('The list is empty');

describe('a client generated from openapi.json', () => {
  it('lists, reads and updates incidents', async () => {
    const list = await dataOf('listIncidents', { status: ['Active'], severity: ['High'], top: 5 });
    const incidentId = at(first(list), 'incidentId');
    assert.ok(at(await dataOf('getIncident', { incidentId }), 'alerts', '0', 'alertId'));
    const body = { status: 'Resolved', classification: 'FalsePositive', determination: 'Clean', comment: 'x' };
    const updated = await dataOf('updateIncident', { incidentId, idempotencyKey: 'incident', body });
    assert.equal(at(updated, 'status'), 'Resolved');
  });

  it('lists, reads and updates alerts', async () => {
    const alertId = at(first(await dataOf('listAlerts', { severity: ['High'], top: 2 })), 'id');
    assert.equal(at(await dataOf('getAlert', { alertId }), 'id'), alertId);
    const updated = await dataOf('updateAlert', { alertId, body: { status: 'InProgress', comment: 'x' } });
    assert.equal(at(updated, 'status'), 'InProgress');
  });

  it('runs hunting queries, synchronously and asynchronously', async () => {
    const body = { query: 'DeviceInfo | take 2' };
    const result = await dataOf('runHuntingQuery', { body });
    assert.equal(at(result, 'results', 'length'), 2);
    const { status, headers } = await send('runHuntingQuery', { body, prefer: 'respond-async' });
    assert.equal(status, 202);
    await host.drainQueues();
    const operationId = headers.get('location')?.split('/').at(-1) ?? '';
    assert.deepEqual(await dataOf('getHuntingResult', { operationId }), result);
  });

  it('runs a machine action and reads its package', async () => {
    const machineId = at(first(await dataOf('listMachines', { healthStatus: ['Active'], top: 2 })), 'id');
    assert.equal(at(await dataOf('getMachine', { machineId }), 'id'), machineId);
    const body = { type: 'collectInvestigationPackage', comment: 'x' };
    const actionId = String(at(await dataOf('startMachineAction', { machineId, body }, 202), 'id'));
    await dataOf('getMachineAction', { actionId }, 202);
    security.machineActions.finish(actionId, 'Succeeded');
    assert.equal(at(await dataOf('getMachineAction', { actionId }), 'status'), 'Succeeded');
    assert.match(String(at(await dataOf('getInvestigationPackage', { actionId }), 'uri')), /^https:/);
  });

  it('submits, lists and deletes indicators', async () => {
    const value = { indicatorValue: 'client.example', indicatorType: 'DomainName', action: 'Warn' };
    const indicator = await dataOf('submitIndicator', { body: { ...value, title: 'x', description: 'x' } });
    const found = first(await dataOf('listIndicators', { indicatorValue: 'client.example' }));
    assert.equal(at(found, 'id'), at(indicator, 'id'));
    await dataOf('deleteIndicator', { indicatorId: Number(at(found, 'id')) }, 204);
  });

  it('polls for incidents', async () => {
    await dataOf('pollIncidents', { minimumSeverity: 'Low' }, 202);
  });

  it('subscribes and unsubscribes', async () => {
    const body = { callbackUrl: 'https://prod-01.westeurope.logic.azure.com/workflows/1' };
    const subscriptionId = at(await dataOf('subscribe', { body }, 201), 'id');
    assert.equal(at(first(await dataOf('listSubscriptions', { top: 2 })), 'id'), subscriptionId);
    assert.equal(at(await dataOf('getSubscription', { subscriptionId }), 'delivered'), 0);
    assert.deepEqual(at(await dataOf('listDeadLetters', { subscriptionId }), 'value'), []);
    assert.equal(at(await dataOf('resendDeadLetters', { subscriptionId }, 202), 'deadLettered'), 0);
    await dataOf('unsubscribe', { subscriptionId }, 204);
  });

  it('saves, lists and deletes hunts', async () => {
    const body = { name: 'x', query: 'DeviceInfo | take 2', schedule: '0 0 3 * * *' };
    const huntId = at(await dataOf('createHunt', { body }, 201), 'id');
    assert.equal(at(first(await dataOf('listHunts')), 'id'), huntId);
    assert.equal(at(await dataOf('getHunt', { huntId }), 'name'), 'x');
    await dataOf('deleteHunt', { huntId }, 204);
  });

  it('onboards and offboards tenants', async () => {
    const [, fabrikam] = cloud.world.tenants;
    const onboarded = await dataOf('onboardTenant', { body: { tenantId: fabrikam?.domain ?? '' } }, 201);
    assert.match(String(at(onboarded, 'consentUrl')), /adminconsent/);
    const states = new Map(
      Object.values(Object(at(await dataOf('listTenants'), 'value'))).map((each) => [
        at(each, 'tenantId'),
        at(each, 'state'),
      ]),
    );
    const tenantId = at(onboarded, 'tenantId');
    assert.equal(states.get(tenantId), 'pending');
    await dataOf('offboardTenant', { tenantId }, 204);
  });

  it('grants tenants to callers', async () => {
    const objectId = '11111111-aaaa-4bbb-8ccc-000000000001';
    const body = { tenantIds: ['*'], note: 'x' };
    assert.equal(at(await dataOf('putCaller', { objectId, body }, 201), 'objectId'), objectId);
    assert.equal(at(first(await dataOf('listCallers')), 'note'), 'x');
    assert.deepEqual(at(await dataOf('getCaller', { objectId }), 'tenantIds'), ['*']);
    await dataOf('deleteCaller', { objectId }, 204);
  });

  it('sends webhooks', async () => {
    const validation = {
      id: 'event-1',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: '512d' },
    };
    assert.deepEqual(await dataOf('keyVaultEvents', { body: [validation] }), { validationResponse: '512d' });
    const incidentId = at(first(await dataOf('listIncidents', { top: 1 })), 'incidentId');
    const body = { type: 'incident.update', data: { incidentId, comment: 'x' } };
    const sentAt = new Date();
    const headers = {
      'webhook-id': 'command-1',
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': new Webhook(signingSecret).sign('command-1', sentAt, JSON.stringify(body)),
    };
    assert.equal((await send('commandWebhook', { body }, { headers })).status, 200);
  });

  it('reads health, ping and the documents', async () => {
    assert.equal(at(await dataOf('health'), 'status'), 'healthy');
    assert.equal(at(await dataOf('ping'), 'status'), 'ok');
    await dataOf('openApi');
    await dataOf('swagger');
  });

  it('returns a problem as data', async () => {
    assert.equal(at(await dataOf('getIncident', { incidentId: 1 }, 404), 'code'), 'NotFound');
  });

  it('has called every operation', () => {
    const expected = document.operations.map(({ operationId }) => operationId).filter((id) => !pages.includes(id));
    assert.deepEqual([...called].sort(), expected.sort());
  });
});
