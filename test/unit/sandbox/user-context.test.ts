import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Incident } from '../../sandbox/incident.ts';
import { createCaller, read } from './caller.ts';

const incidents = 'https://api.security.microsoft.com/api/incidents';
const hunting = 'https://graph.microsoft.com/v1.0/security/runHuntingQuery';
const query = { Query: 'DeviceInfo | take 1' };

describe('Defender and Graph for a user', () => {
  it('answer by delegated permissions', async () => {
    const { callAs, cloud } = createCaller();
    const [user] = cloud.world.home.users;
    assert.equal((await callAs(user, 'GET', incidents)).status, 200);
    assert.equal((await callAs(user, 'POST', hunting, query)).status, 200);
  });

  it('name the delegated permissions that are missing', async () => {
    const { callAs, cloud } = createCaller();
    const { administrator, world } = cloud;
    const [user] = world.home.users;
    administrator.revokeDelegated('defenderXdr', 'Incident.ReadWrite');
    const refused = await callAs(user, 'GET', incidents);
    assert.equal(refused.status, 403);
    assert.match(
      read(refused.body, 'error', 'message'),
      /delegated permissions \(Incident\.ReadWrite, Incident\.Read\)/,
    );
    administrator.revokeDelegated('graph', 'ThreatHunting.Read.All');
    const refusedHunt = await callAs(user, 'POST', hunting, query);
    assert.equal(refusedHunt.status, 403);
    assert.match(read(refusedHunt.body, 'error', 'message'), /delegated permissions \(ThreatHunting\.Read\.All\)/);
  });

  it('reject writes with read permissions', async () => {
    const { callAs, cloud } = createCaller();
    const { administrator, world } = cloud;
    const [user] = world.home.users;
    administrator.revokeDelegated('defenderXdr', 'Incident.ReadWrite');
    administrator.grantDelegated('defenderXdr', 'Incident.Read');
    assert.equal((await callAs(user, 'GET', incidents)).status, 200);
    assert.equal((await callAs(user, 'PATCH', `${incidents}/1`, { status: 'Resolved' })).status, 403);
  });

  it('do not accept application permissions in user context', async () => {
    const { call, callAs, cloud } = createCaller();
    cloud.administrator.revokeDelegated('defenderXdr', 'AdvancedHunting.Read');
    const url = 'https://api.security.microsoft.com/api/advancedhunting/run';
    assert.equal((await callAs(cloud.world.home.users[0], 'POST', url, query)).status, 403);
    assert.equal((await call('POST', url, query)).status, 200);
  });

  it('reject a user without rights in the portal', async () => {
    const { callAs, cloud } = createCaller();
    const { administrator, world } = cloud;
    const [user, colleague] = world.home.users;
    administrator.revokePortalRights(user, 'defenderXdr');
    const refused = await callAs(user, 'GET', incidents);
    assert.equal(refused.status, 403);
    assert.equal(read(refused.body, 'error', 'code'), 'Forbidden');
    assert.match(read(refused.body, 'error', 'message'), /portal/);
    assert.equal((await callAs(user, 'POST', hunting, query)).status, 200);
    assert.equal((await callAs(colleague, 'GET', incidents)).status, 200);
    administrator.grantPortalRights(user, 'defenderXdr');
    assert.equal((await callAs(user, 'GET', incidents)).status, 200);
    administrator.revokePortalRights(user, 'graph');
    const refusedHunt = await callAs(user, 'POST', hunting, query);
    assert.equal(refusedHunt.status, 403);
    assert.match(read(refusedHunt.body, 'error', 'message'), /user does not have valid roles/);
  });

  it('show a user only what the user may see', async () => {
    const { call, callAs, cloud } = createCaller();
    const [user, colleague] = cloud.world.home.users;
    cloud.administrator.limitIncidents(user, ({ severity }) => severity === 'High');
    const all = read<Incident[]>((await call('GET', incidents)).body, 'value');
    const seen = read<Incident[]>((await callAs(user, 'GET', incidents)).body, 'value');
    assert.ok(seen.length > 0);
    assert.ok(seen.every(({ severity }) => severity === 'High'));
    const hidden = all.find(({ severity }) => severity !== 'High')?.incidentId;
    assert.equal((await callAs(user, 'GET', `${incidents}/${hidden}`)).status, 404);
    assert.equal((await callAs(user, 'PATCH', `${incidents}/${hidden}`, { status: 'Resolved' })).status, 404);
    assert.equal((await callAs(colleague, 'GET', `${incidents}/${hidden}`)).status, 200);
    assert.equal(read<Incident[]>((await call('GET', incidents)).body, 'value').length, all.length);
  });

  it('record the user as the author of a comment', async () => {
    const { call, callAs, cloud } = createCaller();
    const [user] = cloud.world.home.users;
    const id = read<number>((await call('GET', incidents)).body, 'value', 0, 'incidentId');
    const { body } = await callAs(user, 'PATCH', `${incidents}/${id}`, { comment: 'Mine.' });
    const { comment, createdBy } = read<Incident>(body).comments.at(-1) ?? {};
    assert.deepEqual([comment, createdBy], ['Mine.', user.userPrincipalName]);
  });

  it('keep tenants apart', async () => {
    const { callAs, cloud } = createCaller();
    const [, fabrikam] = cloud.world.tenants;
    assert.ok(fabrikam);
    const { body } = await callAs(fabrikam.users[0], 'GET', incidents);
    assert.equal(read<Incident[]>(body, 'value').length, 58);
  });
});

describe('the call log', () => {
  it('names the user of an exchange and of a call, without the assertion', async () => {
    const { callAs, cloud } = createCaller();
    const user = cloud.administrator.addUser('new.colleague@contoso.onmicrosoft.com');
    await callAs(user, 'GET', incidents);
    const [exchange] = cloud.calls.of('entra');
    assert.equal(exchange?.claims?.oid, user.objectId);
    assert.equal(exchange?.body?.assertion, undefined);
    assert.equal(exchange?.body?.requested_token_use, 'on_behalf_of');
    const [call] = cloud.calls.of('defenderXdr');
    assert.equal(call?.claims?.upn, user.userPrincipalName);
    assert.equal(call?.claims?.oid, user.objectId);
    assert.equal(call?.claims?.scp, 'Incident.ReadWrite AdvancedHunting.Read');
  });
});
