import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { User } from '../sandbox/user.ts';
import type { CallOptions } from './call.ts';
import { useApp } from './harness.ts';
import { alertPageOf, assertProblem, assertStatus, problemOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, world } = cloud;
const { home, application } = world;
const [, fabrikam, , woodgrove] = world.tenants;
assert.ok(fabrikam && woodgrove);
const { call } = await useApp({ cloud, settings: { DEFENDER_TENANTS: `${fabrikam.id},${woodgrove.id}` } });

beforeEach(() => {
  for (const tenant of [home, fabrikam]) administrator.consent(tenant);
});

const newcomer = (tenant = home) => administrator.addUser(`${crypto.randomUUID()}@${tenant.domain}`, tenant);
const as = async (user: User, options: CallOptions = {}): Promise<CallOptions> => ({
  ...options,
  headers: { authorization: `Bearer ${await cloud.signIn(user)}` },
});
const tokenCalls = () => calls.of('entra').filter(({ path }) => path.endsWith('/token'));
const hunt = { json: { query: 'AlertInfo | count' } };

describe('a missing delegated permission', () => {
  it('is named with the granted ones, and a grant takes effect with the next call', async () => {
    administrator.revokeDelegated('defenderXdr', 'Incident.ReadWrite');
    const options = await as(newcomer());
    const { detail, nextStep, upstream } = assertProblem(
      await call('GET /incidents', options),
      403,
      'MissingPermission',
    );
    assert.match(
      detail,
      /delegated permission Incident\.Read or Incident\.ReadWrite; the token has AdvancedHunting\.Read\./,
    );
    assert.match(nextStep ?? '', /delegated permission Incident\.Read of "Microsoft Threat Protection".*consent/);
    assert.partialDeepStrictEqual(upstream, { service: 'defender', status: 403 });
    administrator.grantDelegated('defenderXdr', 'Incident.ReadWrite');
    assertStatus(await call('GET /incidents?top=1', options), 200);
  });

  it('is separate for reading and writing', async () => {
    const [incident] = cloud.securityOf(woodgrove.id).incidents.all();
    const options = await as(newcomer(woodgrove), { json: { tags: ['x'] } });
    const reply = await call(`PATCH /incidents/${incident?.incidentId}`, options);
    const { detail } = assertProblem(reply, 403, 'MissingPermission');
    assert.match(detail, /delegated permission Incident\.ReadWrite; the token has Incident\.Read\./);
  });

  it('is one of Microsoft Graph for hunting', async () => {
    const reply = await call('POST /hunting', await as(newcomer(woodgrove), hunt));
    const { detail, nextStep } = assertProblem(reply, 403, 'MissingPermission');
    assert.match(detail, /delegated permission ThreatHunting\.Read\.All; the token has SecurityAlert\.Read\.All/);
    assert.match(nextStep ?? '', /delegated permission ThreatHunting\.Read\.All of "Microsoft Graph"/);
  });
});

describe('machines in user context', () => {
  const [machine] = cloud.securityOf(home.id).machines;
  const isolate = { type: 'isolate', comment: 'x' };

  it('are acted on in the name of the user', async () => {
    const user = newcomer();
    const reply = await call(`POST /machines/${machine?.id}/actions`, await as(user, { json: isolate }));
    assertStatus(reply, 202);
    assert.partialDeepStrictEqual(reply.json, { requestor: user.userPrincipalName });
    assertStatus(await call(`GET ${reply.headers.get('location')}`, await as(user)), 202);
  });

  it('need delegated permissions of Defender for Endpoint', async () => {
    for (const [scope, request, json] of [
      ['Machine.Read', 'GET /machines', undefined],
      ['Machine.Isolate', `POST /machines/${machine?.id}/actions`, { ...isolate, type: 'unisolate' }],
      ['Ti.ReadWrite', 'GET /indicators', undefined],
    ] as const) {
      administrator.revokeDelegated('defenderForEndpoint', scope);
      const reply = await call(request, await as(newcomer(), { json }));
      const { detail, nextStep } = assertProblem(reply, 403, 'MissingPermission');
      assert.match(detail, new RegExp(`delegated permission ${scope}\\b.*; the token has `));
      assert.match(nextStep ?? '', new RegExp(`delegated permission ${scope} of "WindowsDefenderATP"`));
    }
  });

  it('are 403 for a user without rights in the portal', async () => {
    const user = newcomer();
    administrator.revokePortalRights(user, 'defenderForEndpoint');
    assertProblem(await call('GET /machines', await as(user)), 403, 'AccessDenied');
  });
});

describe('alerts in user context', () => {
  it('are those of the incidents that the user may see', async () => {
    const [stored] = cloud.securityOf(home.id).alerts.all();
    assert.ok(stored);
    const user = newcomer();
    administrator.limitIncidents(user, ({ incidentId }) => incidentId === stored.incident.incidentId);
    const options = await as(user);
    const { value } = alertPageOf(await call('GET /alerts?top=1000', options));
    assert.deepEqual(value.map(({ id }) => id).sort(), stored.incident.alerts.map(({ alertId }) => alertId).sort());
    const [hidden] = cloud
      .securityOf(home.id)
      .alerts.all()
      .filter(({ incident }) => incident !== stored.incident);
    assertProblem(await call(`GET /alerts/${hidden?.alert.alertId}`, options), 404, 'NotFound');
  });

  it('are updated in the name of the user', async () => {
    const [stored] = cloud.securityOf(home.id).alerts.all();
    const user = newcomer();
    const reply = await call(`PATCH /alerts/${stored?.alert.alertId}`, await as(user, { json: { comment: 'Mine.' } }));
    assertStatus(reply, 200);
    const comment = { comment: 'Mine.', createdByDisplayName: user.userPrincipalName };
    assert.partialDeepStrictEqual(reply.json, { comments: [comment] });
  });

  it('need a delegated permission of Microsoft Graph', async () => {
    const [stored] = cloud.securityOf(woodgrove.id).alerts.all();
    const options = await as(newcomer(woodgrove));
    assertStatus(await call('GET /alerts?top=1', options), 200);
    const update = await call(`PATCH /alerts/${stored?.alert.alertId}`, { ...options, json: { status: 'New' } });
    const { detail } = assertProblem(update, 403, 'MissingPermission');
    assert.match(detail, /delegated permission SecurityAlert\.ReadWrite\.All; the token has SecurityAlert\.Read\.All/);
  });
});

describe('a user without rights in the Defender portal', () => {
  it('is 403 AccessDenied with the message of Defender, until rights are granted', async () => {
    const user = newcomer();
    administrator.revokePortalRights(user, 'defenderXdr');
    const options = await as(user);
    const problem = assertProblem(await call('GET /incidents', options), 403, 'AccessDenied');
    assert.equal(problem.detail, 'The user does not have the required role in the Microsoft Defender portal.');
    assert.partialDeepStrictEqual(problem.upstream, { service: 'defender', status: 403, code: 'Forbidden' });
    assertStatus(await call('POST /hunting', { ...options, ...hunt }), 200);
    administrator.grantPortalRights(user, 'defenderXdr');
    assertStatus(await call('GET /incidents', options), 200);
  });

  it('is 403 AccessDenied with the message of Graph for hunting', async () => {
    const user = newcomer();
    administrator.revokePortalRights(user, 'graph');
    const problem = assertProblem(await call('POST /hunting', await as(user, hunt)), 403, 'AccessDenied');
    assert.equal(problem.upstream?.service, 'graph');
    assert.notEqual(problem.detail, '');
  });
});

describe('user consent', () => {
  it('is 403 MissingPermission in the home tenant, without effect on the application', async () => {
    administrator.revokeUserConsent();
    const options = await as(newcomer());
    const { detail, nextStep, upstream } = assertProblem(
      await call('GET /incidents', options),
      403,
      'MissingPermission',
    );
    assert.match(detail, /delegated permission Incident\.Read or Incident\.ReadWrite; the token has no permissions\./);
    assert.match(nextStep ?? '', /delegated permission Incident\.Read .*admin consent/);
    assert.partialDeepStrictEqual(upstream, { service: 'entra', status: 400, code: 'AADSTS65001' });
    assertStatus(await call('GET /incidents?top=1'), 200);
    administrator.consent(home);
    assertStatus(await call('GET /incidents?top=1', options), 200);
  });

  it('is 403 with the consent link in a customer tenant', async () => {
    const link = `https://login.microsoftonline.com/${fabrikam.id}/adminconsent?client_id=${application.clientId}`;
    for (const withdraw of [administrator.revokeUserConsent, administrator.revokeConsent]) {
      withdraw(fabrikam);
      calls.clear();
      const options = await as(newcomer(fabrikam));
      const { nextStep, upstream } = assertProblem(await call('GET /incidents', options), 403, 'ConsentRequired');
      assert.ok(nextStep?.includes(link), nextStep);
      assert.equal(upstream?.code, 'AADSTS65001');
      assert.equal(tokenCalls().length, 1);
      administrator.consent(fabrikam);
      assertStatus(await call('GET /incidents?top=1', options), 200);
    }
  });
});

describe('Conditional Access', () => {
  it('is relayed as a claims challenge, and a token that meets it works', async () => {
    for (const code of [50076, 50079] as const) {
      const user = newcomer();
      administrator.requireInteraction(user, { code });
      calls.clear();
      const reply = await call('GET /incidents', await as(user));
      const { upstream, nextStep } = assertProblem(reply, 401, 'InteractionRequired');
      assert.deepEqual([upstream?.service, upstream?.code], ['entra', `AADSTS${code}`]);
      assert.match(nextStep ?? '', /[Ss]ign/);
      assert.equal(tokenCalls().length, 1);
      const challenge = reply.headers.get('www-authenticate') ?? '';
      const encoded = /^Bearer error="insufficient_claims", claims="([A-Za-z0-9+/]+=*)"$/.exec(challenge)?.[1];
      assert.ok(encoded, challenge);
      const claims = Buffer.from(encoded, 'base64').toString();
      assert.deepEqual(JSON.parse(claims), JSON.parse(user.interaction?.claims ?? ''));
      const headers = { authorization: `Bearer ${await cloud.signIn(user, { claims })}` };
      assertStatus(await call('GET /incidents?top=1', { headers }), 200);
    }
  });

  it('is evaluated at each call of that user, without effect on others', async () => {
    const user = newcomer();
    const options = await as(user);
    administrator.requireInteraction(user);
    const others = await Promise.all([as(newcomer()), as(newcomer()), {}]);
    const replies = await Promise.all([options, ...others].map((each) => call('GET /incidents?top=1', each)));
    assert.deepEqual(
      replies.map(({ status }) => status),
      [401, 200, 200, 200],
    );
    const again = await call('POST /hunting', { ...options, ...hunt });
    assert.equal(problemOf(again).code, 'InteractionRequired');
  });
});
