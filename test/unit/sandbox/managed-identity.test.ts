import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { createCaller, read, startedAt } from './caller.ts';

const vault = 'https://vault.azure.net';

describe('the identity endpoint', () => {
  it('returns a token of the system-assigned identity, with expiration in epoch seconds as a string', async () => {
    const { identityToken, cloud } = createCaller();
    const { status, body } = await identityToken(vault);
    assert.equal(status, 200);
    assert.equal(read(body, 'expires_on'), String(startedAt / 1000 + 24 * 60 * 60));
    assert.equal(read(body, 'resource'), vault);
    const claims = decodeJwt(read(body, 'access_token'));
    assert.equal(claims.aud, vault);
    assert.equal(claims.tid, cloud.world.home.id);
  });

  it('finds the user-assigned identity by its client id', async () => {
    const { identityToken, cloud } = createCaller();
    const clientId = cloud.world.identities.find(({ userAssigned }) => userAssigned)?.clientId;
    const { body } = await identityToken(vault, `&client_id=${clientId}`);
    assert.equal(read(body, 'client_id'), clientId);
  });

  it('rejects an unknown identity, an unknown resource, a scope in place of a resource and a wrong header', async () => {
    const { identityToken, send } = createCaller();
    const unknown = await identityToken(vault, '&client_id=11111111-1111-1111-1111-111111111111');
    assert.equal(unknown.status, 400);
    assert.match(read(unknown.body, 'message'), /^No User Assigned or Delegated Managed Identity found/);
    assert.equal((await identityToken('https://nowhere.example')).status, 400);
    assert.equal((await identityToken(`${vault}/.default`)).status, 400);
    const bare = await send('GET', `http://127.0.0.1/msi/token?api-version=2019-08-01&resource=${vault}`);
    assert.equal(bare.status, 401);
  });

  it('has no system-assigned identity once identities are removed', async () => {
    const { identityToken, cloud } = createCaller();
    cloud.administrator.removeIdentities();
    assert.equal((await identityToken(vault)).status, 400);
  });

  it('includes the permissions granted to the identity', async () => {
    const { identityToken, send, cloud } = createCaller();
    const { administrator, world } = cloud;
    const { userAssignedIdentity: identity } = world;
    const readIncidents = async () => {
      const { body } = await identityToken('https://api.security.microsoft.com', `&client_id=${identity.clientId}`);
      const token = read<string>(body, 'access_token');
      const { appid, roles } = decodeJwt(token);
      assert.equal(appid, identity.clientId);
      const url = 'https://api.security.microsoft.com/api/incidents?$top=1';
      return [roles, (await send('GET', url, { authorization: `Bearer ${token}` })).status];
    };
    assert.deepEqual(await readIncidents(), [undefined, 403]);
    administrator.grantIdentity(identity, { defenderXdr: ['Incident.Read.All'] });
    assert.deepEqual(await readIncidents(), [['Incident.Read.All'], 200]);
    administrator.revokeIdentity(identity);
    assert.deepEqual(await readIncidents(), [undefined, 403]);
  });

  it('caches a token until it expires when configured', async () => {
    const { identityToken, advance, cloud } = createCaller({ behavior: { cachesIdentityTokens: true } });
    const rolesOf = async (resource: string) =>
      decodeJwt(read((await identityToken(resource)).body, 'access_token')).roles;
    const resource = 'https://api.security.microsoft.com';
    assert.equal(await rolesOf(resource), undefined);
    cloud.administrator.grantIdentity(cloud.world.systemAssignedIdentity);
    assert.equal(await rolesOf(resource), undefined);
    assert.ok(await rolesOf('https://graph.microsoft.com'));
    advance(24 * 60 * 60 * 1000);
    assert.ok(await rolesOf(resource));
  });

  it('returns a token of the workflow for the application, with its application roles', async () => {
    const { identityToken, cloud } = createCaller();
    const { application, workflow } = cloud.world;
    workflow.roles.add('Incident.Read');
    const { body } = await identityToken(`api://${application.clientId}`, `&client_id=${workflow.clientId}`);
    const { aud, oid, roles } = decodeJwt(read(body, 'access_token'));
    assert.deepEqual(
      { aud, oid, roles },
      { aud: application.clientId, oid: workflow.objectId, roles: ['Incident.Read'] },
    );
    assert.equal((await identityToken(vault, `&client_id=${workflow.clientId}`)).status, 400);
  });
});
