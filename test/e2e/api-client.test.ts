import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ok } from '@oazapfts/runtime';
import { Webhook } from 'standardwebhooks';
import * as client from '../client/api-client.ts';
import { generateClient } from '../client/generate-client.ts';
import { type DocumentedOperation, readDocument } from './documented.ts';
import { createTestCloud, type Reply, useApp } from './harness.ts';

const cloud = createTestCloud();
const secretName = 'webhook-secret';
const signingSecret = `whsec_${Buffer.from('a secret of 24 bytes, ok').toString('base64')}`;
cloud.administrator.putSecret(secretName, signingSecret);
const { call, host } = await useApp({ cloud, hasStorage: true, settings: { WEBHOOK_SECRET_NAME: secretName } });
const security = cloud.securityOf(cloud.world.home.id);

/** What is no JSON, and so nothing for this client. */
const pages = ['consentCallback', 'docs'];

const document = await readDocument(call);
const called = new Set<string>();

// Every reply that the client gets is held against the document, whatever the test makes of it.
client.defaults.baseUrl = `${host.url}/api`;
client.defaults.headers = { 'x-functions-key': host.keys.function };
client.defaults.fetch = async (target, init) => {
  const response = await fetch(target, init);
  const { operationId, path, method } = operationOf(new Request(target, init));
  document.assertAsDocumented(await readReply(response.clone()), path, method);
  if (response.ok) called.add(operationId);
  return response;
};

function operationOf({ method, url }: Request): DocumentedOperation {
  const path = new URL(url).pathname.replace('/api', '');
  const named = document.operations.filter((each) => each.method === method.toLowerCase());
  const found = named.find((each) => each.path === path) ?? named.find((each) => matches(each.path, path));
  return found ?? assert.fail(`${method} ${path} is no operation`);
}

const matches = (template: string, path: string): boolean =>
  new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);

async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, json: text === '' ? undefined : JSON.parse(text) };
}

/** The first of a list. */
const first = <T>({ value }: { value: T[] }): T => value[0] ?? assert.fail('The list is empty');

describe('a client that is generated from openapi.json', () => {
  it('is the one that is kept here', async () => {
    const kept = await readFile(new URL('../client/api-client.ts', import.meta.url), 'utf8');
    assert.ok(
      kept === (await generateClient()),
      'Run npx node test/client/write-client.ts, and look at what has changed',
    );
  });

  it('works on incidents', async () => {
    const { incidentId } = first(await ok(client.listIncidents({ status: ['Active'], severity: ['High'], top: 5 })));
    const { alerts } = await ok(client.getIncident({ incidentId }));
    assert.ok(alerts?.[0]?.alertId);
    const body = { status: 'Resolved', classification: 'FalsePositive', determination: 'Clean', comment: 'x' } as const;
    const updated = await ok(client.updateIncident({ incidentId, idempotencyKey: 'incident', body }));
    assert.equal(updated.status, 'Resolved');
  });

  it('works on alerts', async () => {
    const { id } = first(await ok(client.listAlerts({ severity: ['High'], top: 2 })));
    assert.equal((await ok(client.getAlert({ alertId: id }))).id, id);
    const updated = await ok(client.updateAlert({ alertId: id, body: { status: 'InProgress', comment: 'x' } }));
    assert.equal(updated.status, 'InProgress');
  });

  it('hunts, at once and later', async () => {
    const body = { query: 'DeviceInfo | take 2' };
    const atOnce = await ok(client.runHuntingQuery({ body }));
    assert.ok('results' in atOnce);
    assert.equal(atOnce.results.length, 2);
    const { status, headers } = await client.runHuntingQuery({ body, prefer: 'respond-async' });
    assert.equal(status, 202);
    await host.drainQueues();
    const operationId = headers.get('location')?.split('/').at(-1) ?? '';
    assert.deepEqual(await ok(client.getHuntingResult({ operationId })), atOnce);
  });

  it('works on machines, to the package of an action', async () => {
    const { id: machineId } = first(await ok(client.listMachines({ healthStatus: ['Active'], top: 2 })));
    assert.equal((await ok(client.getMachine({ machineId }))).id, machineId);
    const body = { type: 'collectInvestigationPackage', comment: 'x' } as const;
    const { id: actionId } = await ok(client.startMachineAction({ machineId, body }));
    assert.equal((await client.getMachineAction({ actionId })).status, 202);
    security.machineActions.finish(actionId, 'Succeeded');
    assert.equal((await ok(client.getMachineAction({ actionId }))).status, 'Succeeded');
    assert.match((await ok(client.getInvestigationPackage({ actionId }))).uri, /^https:/);
  });

  it('works on indicators', async () => {
    const value = { indicatorValue: 'client.example', indicatorType: 'DomainName', action: 'Warn' } as const;
    const { id } = await ok(client.submitIndicator({ body: { ...value, title: 'x', description: 'x' } }));
    const found = first(await ok(client.listIndicators({ indicatorValue: 'client.example' })));
    assert.equal(found.id, id);
    assert.equal((await client.deleteIndicator({ indicatorId: Number(id) })).status, 204);
  });

  it('polls for incidents', async () => {
    assert.equal((await client.pollIncidents({ minimumSeverity: 'Low' })).status, 202);
  });

  it('subscribes, and unsubscribes', async () => {
    const body = { callbackUrl: 'https://prod-01.westeurope.logic.azure.com/workflows/1' };
    const { id: subscriptionId } = await ok(client.subscribe({ body }));
    assert.equal(first(await ok(client.listSubscriptions({ top: 2 }))).id, subscriptionId);
    assert.equal((await ok(client.getSubscription({ subscriptionId }))).delivered, 0);
    assert.deepEqual((await ok(client.listDeadLetters({ subscriptionId }))).value, []);
    assert.equal((await ok(client.resendDeadLetters({ subscriptionId }))).deadLettered, 0);
    assert.equal((await client.unsubscribe({ subscriptionId })).status, 204);
  });

  it('saves hunts', async () => {
    const body = { name: 'x', query: 'DeviceInfo | take 2', schedule: '0 0 3 * * *' };
    const { id: huntId } = await ok(client.createHunt({ body }));
    assert.equal(first(await ok(client.listHunts({}))).id, huntId);
    assert.equal((await ok(client.getHunt({ huntId }))).name, 'x');
    assert.equal((await client.deleteHunt({ huntId })).status, 204);
  });

  it('onboards tenants', async () => {
    const [, fabrikam] = cloud.world.tenants;
    const body = { tenantId: fabrikam?.domain ?? '' };
    const { tenantId, consentUrl } = await ok(client.onboardTenant({ body }));
    assert.match(`${consentUrl}`, /adminconsent/);
    const { value } = await ok(client.listTenants({}));
    assert.equal(value.find((each) => each.tenantId === tenantId)?.state, 'pending');
    assert.equal((await client.offboardTenant({ tenantId })).status, 204);
  });

  it('sends what webhooks take', async () => {
    const validation = {
      id: 'event-1',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: '512d' },
    };
    assert.deepEqual(await ok(client.keyVaultEvents({ body: [validation] })), { validationResponse: '512d' });
    const { incidentId } = first(await ok(client.listIncidents({ top: 1 })));
    const command = { type: 'incident.update', data: { incidentId, comment: 'x' } } as const;
    const at = new Date();
    const headers = {
      'webhook-id': 'command-1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(signingSecret).sign('command-1', at, JSON.stringify(command)),
    };
    await ok(client.commandWebhook({ body: command }, { headers }));
  });

  it('asks the app about itself', async () => {
    assert.equal((await ok(client.health({}))).status, 'healthy');
    assert.equal((await ok(client.ping({}))).status, 'ok');
    await ok(client.openApi({}));
    await ok(client.swagger({}));
  });

  it('shows a problem as what it is', async () => {
    const reply = await client.getIncident({ incidentId: 1 });
    assert.ok(reply.status !== 200 && 'code' in reply.data);
    assert.equal(reply.data.code, 'NotFound');
  });

  it('has called every operation by now', () => {
    const expected = document.operations.map(({ operationId }) => operationId).filter((id) => !pages.includes(id));
    assert.deepEqual([...called].sort(), expected.sort());
  });
});
