import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { switchOnFault } from '../../sandbox/named-faults.ts';
import { bundleSdk } from './bundle-sdk.ts';
import { createRecordedApp, type RecordedApp } from './recorded-app.ts';
import { type Envelope, eventsOf } from './recorded-wire.ts';

const literal = 'Kql-Literal-4711';
const functionKey = 'function-key-0815';
const comment = 'a comment on patient zero';
const hunt = { query: `DeviceProcessEvents | where FileName == '${literal}' | take 1` };

const { createSink, remove } = await bundleSdk();
after(remove);

const metricNames = (envelopes: readonly Envelope[]) =>
  new Set(envelopes.flatMap(({ data }) => (data.baseData.metrics ?? []).map(({ name }) => name)));

/** Everything that a caller can ask for, with secrets wherever a caller can put them. */
async function callEverything({ cloud, invoke, runTimer }: RecordedApp): Promise<number[]> {
  const incidentId = String(cloud.securityOf(cloud.world.home.id).incidents.all()[0]?.incidentId);
  const incident = { path: `incidents/${incidentId}?code=${functionKey}`, params: { incidentId } };
  const hunting = { method: 'POST', path: `hunting?code=${functionKey}` };
  const wrongHunt = { query: `Nope | where x == '${literal}'` };
  const calls = [
    await invoke('listIncidents', { path: `incidents?top=2&code=${functionKey}` }),
    await invoke('getIncident', incident),
    await invoke('updateIncident', { ...incident, method: 'PATCH', body: { comment } }),
    await invoke('runHuntingQuery', { ...hunting, body: hunt }),
    await invoke('runHuntingQuery', { ...hunting, body: wrongHunt }),
    await invoke('health', { path: `health?code=${functionKey}` }),
  ];
  await runTimer('checkCredentials');
  return calls.map(({ status }) => status);
}

describe('telemetry to Application Insights', () => {
  test("is each event with its time, its numbers and the host's request", async () => {
    const app = createRecordedApp(createSink);
    const { traceId, parentId } = await app.invoke('listIncidents', { path: 'incidents?top=2' });
    const envelopes = await app.sent();
    for (const name of ['SecretRead', 'TokenAcquisition', 'UpstreamCall']) {
      const [event, ...others] = eventsOf(envelopes, name);
      assert.ok(event && others.length === 0, name);
      assert.equal(event.time, new Date(app.clock.now()).toISOString());
      assert.equal(event.tags['ai.operation.id'], traceId);
      assert.equal(event.tags['ai.operation.parentId'], parentId);
      assert.equal(event.tags['ai.operation.name'], 'listIncidents');
      assert.equal(event.tags['ai.cloud.role'], 'contoso-defender');
      assert.equal(event.tags['ai.application.ver'], '1.2.3');
      assert.equal(event.data.baseData.measurements?.durationMs, 0);
    }
    assert.deepEqual(eventsOf(envelopes, 'UpstreamCall')[0]?.data.baseData.properties, {
      tenantId: app.cloud.world.home.id,
      service: 'defender',
      operation: 'incidents.list',
      outcome: 'succeeded',
      status: '200',
    });
    assert.deepEqual(metricNames(envelopes), new Set(['SecretReadMs', 'TokenAcquisitionMs', 'UpstreamCallMs']));
  });

  test('relates a shared token acquisition to the request that started it', async () => {
    const app = createRecordedApp(createSink);
    const [first] = await Promise.all([
      app.invoke('listIncidents', { path: 'incidents?top=2' }),
      app.invoke('listIncidents', { path: 'incidents?top=3' }),
    ]);
    const envelopes = await app.sent();
    assert.deepEqual(
      eventsOf(envelopes, 'TokenAcquisition').map(({ tags }) => tags['ai.operation.id']),
      [first.traceId],
    );
    assert.equal(new Set(eventsOf(envelopes, 'UpstreamCall').map(({ tags }) => tags['ai.operation.id'])).size, 2);
  });

  test('is sent to the ingestion endpoint only', async () => {
    const app = createRecordedApp(createSink);
    await app.invoke('listIncidents', { path: 'incidents?top=2' });
    await app.sent();
    assert.deepEqual(
      new Set(app.sentTo),
      new Set(['https://westeurope-5.in.applicationinsights.azure.com/v2.1/track']),
    );
  });

  const faults = [
    [],
    ['no-identity'],
    ['outage:managedIdentity'],
    ['vault-access-denied'],
    ['disabled-secret'],
    ['broken:keyVault'],
    ['expired-secret'],
    ['rotated-secret'],
    ['throttle:entra'],
    ['malformed:entra'],
    ['revoked-consent'],
    ['missing-permission'],
    ['throttle'],
    ['hunting-cpu'],
    ['outage:defenderXdr', 'outage:graph'],
    ['broken:defenderXdr', 'broken:graph'],
    ['malformed:defenderXdr', 'malformed:graph'],
  ];
  for (const names of faults) {
    test(`contains no secret, token, key, comment or KQL literal: ${names.join(', ') || 'no fault'}`, async () => {
      const app = createRecordedApp(createSink);
      for (const name of names) switchOnFault(app.cloud, name);
      const statuses = await callEverything(app);
      if (names.length === 0) assert.deepEqual(statuses, [200, 200, 200, 200, 400, 200]);
      const envelopes = await app.sent();
      const text = JSON.stringify(envelopes);
      const secrets = [...app.secrets(), functionKey, literal, comment, 'DeviceProcessEvents'];
      assert.deepEqual(
        secrets.filter((secret) => text.includes(secret)),
        [],
      );
      assert.ok(envelopes.length > 0);
      const allowed = ['EventData', 'MetricData'];
      assert.ok(envelopes.every(({ data }) => allowed.includes(data.baseType)));
    });
  }

  test('relates a throttling wait to its request', async () => {
    const app = createRecordedApp(createSink);
    switchOnFault(app.cloud, 'hunting-cpu');
    const { traceId } = await app.invoke('runHuntingQuery', { method: 'POST', path: 'hunting', body: hunt });
    const waits = eventsOf(await app.sent(), 'ThrottlingWait');
    assert.deepEqual(new Set(waits.map(({ tags }) => tags['ai.operation.id'])), new Set([traceId]));
    assert.ok(waits.every(({ data }) => (data.baseData.measurements?.waitMs ?? 0) > 0));
  });

  test('reports a tenant without consent with the code of Entra', async () => {
    const app = createRecordedApp(createSink);
    switchOnFault(app.cloud, 'revoked-consent');
    await app.runTimer('checkCredentials');
    const envelopes = await app.sent();
    for (const name of ['TenantFailure', 'TokenAcquisition']) {
      const codes = eventsOf(envelopes, name).map(({ data }) => data.baseData.properties.code);
      assert.deepEqual(new Set(codes), new Set(['AADSTS7000229']));
    }
  });

  test('reports the days until the credential expires, and warns before', async () => {
    const app = createRecordedApp(createSink);
    switchOnFault(app.cloud, 'expired-secret');
    await app.runTimer('checkCredentials');
    const envelopes = await app.sent();
    assert.ok(metricNames(envelopes).has('CredentialDaysLeft'));
    const [warning] = eventsOf(envelopes, 'CredentialExpiring');
    assert.equal(warning?.data.baseData.properties.credential, 'defender-client-secret');
  });

  test('requires an instrumentation key', () => {
    const options = { version: '1.2.3', siteName: undefined, httpClient: createRecordedApp(createSink).httpClient };
    for (const connectionString of ['nonsense', 'InstrumentationKey=', 'IngestionEndpoint=https://contoso.com/']) {
      assert.throws(() => createSink({ ...options, connectionString }), /no valid InstrumentationKey/);
    }
  });
});
