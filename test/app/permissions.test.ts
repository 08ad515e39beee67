import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls } = cloud;
const tenantNamed = (name: string) => {
  const tenant = cloud.world.tenants.find(({ displayName }) => displayName.startsWith(name));
  assert.ok(tenant);
  return tenant;
};
const [fabrikam, northwind, woodgrove, tailspin] = ['Fabrikam', 'Northwind', 'Woodgrove', 'Tailspin'].map(tenantNamed);
assert.ok(fabrikam && northwind && woodgrove && tailspin);
const customers = [fabrikam, northwind, woodgrove, tailspin];
const { call, host } = await useApp({ cloud, settings: { DEFENDER_TENANTS: customers.map(({ id }) => id).join(',') } });

describe('a missing permission', () => {
  it('is named with the granted ones, and a grant takes effect with the next call', async () => {
    const [incident] = cloud.securityOf(woodgrove.id).incidents.all();
    const update = () =>
      call(`PATCH /incidents/${incident?.incidentId}?tenantId=${woodgrove.id}`, { json: { tags: ['x'] } });
    const problem = assertProblem(await update(), 403, 'MissingPermission');
    assert.match(problem.detail, /permission Incident\.ReadWrite\.All; the token has Incident\.Read\.All\./);
    assert.match(problem.nextStep ?? '', /Incident\.ReadWrite\.All.*"Microsoft Threat Protection".*consent/);
    assert.partialDeepStrictEqual(problem.upstream, { service: 'defender', status: 403, code: 'Forbidden' });
    administrator.grantRole('defenderXdr', 'Incident.ReadWrite.All', woodgrove);
    assertStatus(await update(), 200);
  });

  it('is one of Microsoft Graph for hunting', async () => {
    const hunt = () => call(`POST /hunting?tenantId=${woodgrove.id}`, { json: { query: 'AlertInfo | count' } });
    const problem = assertProblem(await hunt(), 403, 'MissingPermission');
    assert.match(problem.detail, /ThreatHunting\.Read\.All; the token has SecurityAlert\.Read\.All/);
    assert.match(problem.nextStep ?? '', /"Microsoft Graph"/);
    administrator.grantRole('graph', 'ThreatHunting.Read.All', woodgrove);
    assertStatus(await hunt(), 200);
  });

  it('is one of Microsoft Graph for alerts, with separate ones to read and write', async () => {
    const [stored] = cloud.securityOf(woodgrove.id).alerts.all();
    assertStatus(await call(`GET /alerts?top=1&tenantId=${woodgrove.id}`), 200);
    const update = (json: unknown) => call(`PATCH /alerts/${stored?.alert.alertId}?tenantId=${woodgrove.id}`, { json });
    for (const change of [{ status: 'New' }, { comment: 'x' }]) {
      const problem = assertProblem(await update(change), 403, 'MissingPermission');
      assert.match(problem.detail, /permission SecurityAlert\.ReadWrite\.All; the token has SecurityAlert\.Read\.All/);
      assert.match(problem.nextStep ?? '', /SecurityAlert\.ReadWrite\.All.*"Microsoft Graph".*consent/);
    }
    administrator.grantRole('graph', 'SecurityAlert.ReadWrite.All', woodgrove);
    assertStatus(await update({ status: 'New', comment: 'x' }), 200);
  });

  it('is one of Defender for Endpoint for machines and indicators, with one for each action', async () => {
    const [machine] = cloud.securityOf(northwind.id).machines;
    const query = `?tenantId=${northwind.id}`;
    const act = (json: object) => () =>
      call(`POST /machines/${machine?.id}/actions${query}`, { json: { ...json, comment: 'x' } });
    const asking = [
      ['Machine.Isolate', act({ type: 'isolate' })],
      ['Machine.Scan', act({ type: 'runAntiVirusScan' })],
      ['Machine.CollectForensics', act({ type: 'collectInvestigationPackage' })],
      ['Machine.StopAndQuarantine', act({ type: 'stopAndQuarantineFile', sha1: 'a'.repeat(40) })],
      ['Machine.RestrictExecution', act({ type: 'restrictCodeExecution' })],
      ['Machine.Read.All', () => call(`GET /machines/${machine?.id}${query}`)],
      ['Ti.ReadWrite.All', () => call(`GET /indicators${query}`)],
    ] as const;
    for (const [name] of asking) administrator.revokeRole('defenderForEndpoint', name, northwind);
    for (const [name, ask] of asking) {
      const { detail, nextStep } = assertProblem(await ask(), 403, 'MissingPermission');
      assert.ok(detail.split(';')[0]?.includes(name), detail);
      assert.match(detail, /the token has .*Machine\.Offboard/);
      assert.match(nextStep ?? '', /"WindowsDefenderATP".*consent/);
      administrator.grantRole('defenderForEndpoint', name, northwind);
      assert.ok((await ask()).status < 300, name);
    }
  });

  it('is not reported while the app may read its own indicators', async () => {
    const query = `?tenantId=${northwind.id}`;
    const { indicators } = cloud.securityOf(northwind.id);
    const others = { indicatorType: 'DomainName', action: 'Warn', createdBy: 'another application' };
    indicators.upsert({ ...others, indicatorValue: 'theirs.example' });
    administrator.revokeRole('defenderForEndpoint', 'Ti.ReadWrite.All', northwind);
    administrator.grantRole('defenderForEndpoint', 'Ti.ReadWrite', northwind);
    await host.restart();
    const reply = await call(`GET /indicators${query}`);
    assertStatus(reply, 200);
    assert.doesNotMatch(reply.text, /theirs\.example/);
    administrator.grantRole('defenderForEndpoint', 'Ti.ReadWrite.All', northwind);
    await host.restart();
    assert.match((await call(`GET /indicators${query}`)).text, /theirs\.example/);
  });

  it('is named in the home tenant also when the token has no role', async () => {
    administrator.revokeAllRoles();
    const list = () => call('GET /incidents?top=1');
    const { detail } = assertProblem(await list(), 403, 'MissingPermission');
    assert.match(detail, /permission Incident\.Read\.All or Incident\.ReadWrite\.All; the token has no permission/);
    const { detail: ofAlerts } = assertProblem(await call('GET /alerts'), 403, 'MissingPermission');
    assert.match(ofAlerts, /permission SecurityAlert\.Read\.All or SecurityAlert\.ReadWrite\.All; the token has no/);
    administrator.grantRole('defenderXdr', 'Incident.Read.All');
    assertStatus(await list(), 200);
  });

  it('is not reported when the token has it: AccessDenied has the message of the service', async () => {
    const sentence = 'The feature is disabled in this tenant.';
    const refusal = json(403, { error: { code: 'DisabledFeature', message: sentence, target: 'x' } });
    cloud.faults.add({ service: 'defenderXdr', effect: replyWith(refusal) });
    const problem = assertProblem(await call(`GET /incidents?tenantId=${northwind.id}`), 403, 'AccessDenied');
    assert.equal(problem.detail, sentence);
    assert.equal(problem.upstream?.code, 'DisabledFeature');
  });
});

describe('a customer tenant', () => {
  it('gets the consent link before its consent and is served after it', async () => {
    const list = () => call(`GET /incidents?tenantId=${tailspin.id}`);
    const { nextStep } = assertProblem(await list(), 403, 'ConsentRequired');
    const clientId = cloud.world.application.clientId;
    assert.ok(
      nextStep?.includes(`https://login.microsoftonline.com/${tailspin.id}/adminconsent?client_id=${clientId}`),
    );
    administrator.consent(tailspin);
    assertStatus(await list(), 200);
  });

  it('gets ConsentRequired after it withdrew consent, without effect on other tenants', async () => {
    administrator.revokeConsent(fabrikam);
    const replies = await Promise.all([fabrikam, northwind].map(({ id }) => call(`GET /incidents?tenantId=${id}`)));
    assert.deepEqual(
      replies.map(({ status }) => status),
      [403, 200],
    );
    assert.equal(calls.of('defenderXdr').filter(({ tenantId }) => tenantId === fabrikam.id).length, 0);
  });

  it('gets ConsentRequired when its token has no role', async () => {
    administrator.revokeAllRoles(northwind);
    const hunt = () => call(`POST /hunting?tenantId=${northwind.id}`, { json: { query: 'AlertInfo | count' } });
    const { nextStep } = assertProblem(await hunt(), 403, 'ConsentRequired');
    assert.ok(nextStep?.includes(`/${northwind.id}/adminconsent?`));
    administrator.consent(northwind);
    assertStatus(await hunt(), 200);
  });
});
