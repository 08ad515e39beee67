import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCaller, read, startedAt } from './caller.ts';

const secretUrl = 'https://contoso-defender.vault.azure.net/secrets/defender-client-secret';
const apiVersion = 'api-version=2025-07-01';

function createReader() {
  const caller = createCaller();
  return {
    ...caller,
    async get(path = '', resource = 'https://vault.azure.net') {
      const { body } = await caller.identityToken(resource);
      const authorization = `Bearer ${read<string>(body, 'access_token')}`;
      return caller.send('GET', `${secretUrl}${path}?${apiVersion}`, { authorization });
    },
  };
}

describe('Key Vault', () => {
  it('challenges a request without a token, naming tenant and resource', async () => {
    const { send, cloud } = createReader();
    const { status, headers, body } = await send('GET', `${secretUrl}/?${apiVersion}`);
    assert.equal(status, 401);
    assert.equal(read(body, 'error', 'message'), 'Request is missing a Bearer or PoP token.');
    const authority = `https://login.microsoftonline.com/${cloud.world.home.id}`;
    assert.equal(
      headers['www-authenticate'],
      `Bearer authorization="${authority}", resource="https://vault.azure.net"`,
    );
  });

  it('returns the newest version, with or without a trailing slash, and older ones by their id', async () => {
    const { get, cloud } = createReader();
    const first = await get();
    const value = cloud.administrator.rotateSecret();
    assert.equal(read((await get('/')).body, 'value'), value);
    const version = read<string>(first.body, 'id').split('/').at(-1);
    assert.deepEqual((await get(`/${version}`)).body, first.body);
    assert.equal(read<unknown[]>((await get('/versions')).body, 'value').length, 2);
  });

  it('returns an expired secret with its expiration', async () => {
    const { get, cloud } = createReader();
    cloud.administrator.expireSecret();
    const { status, body } = await get();
    assert.equal(status, 200);
    assert.equal(read(body, 'attributes', 'exp'), startedAt / 1000 - 1);
  });

  it('rejects a disabled secret, a missing one and a reader without rights', async () => {
    const { get, cloud } = createReader();
    cloud.administrator.disableSecret();
    const disabled = await get();
    assert.equal(disabled.status, 403);
    assert.equal(read(disabled.body, 'error', 'innererror', 'code'), 'SecretDisabled');
    cloud.administrator.removeSecret();
    const missing = await get();
    assert.equal(missing.status, 404);
    assert.equal(read(missing.body, 'error', 'code'), 'SecretNotFound');
    cloud.administrator.denyVault();
    const denied = await get();
    assert.equal(denied.status, 403);
    assert.equal(read(denied.body, 'error', 'innererror', 'code'), 'AccessDenied');
  });

  it('rejects a token for another resource and an expired one', async () => {
    const { get, identityToken, send, advance } = createReader();
    assert.equal((await get('', 'https://graph.microsoft.com')).status, 401);
    const authorization = `Bearer ${read((await identityToken('https://vault.azure.net')).body, 'access_token')}`;
    advance(24 * 60 * 60 * 1000);
    assert.equal((await send('GET', `${secretUrl}?${apiVersion}`, { authorization })).status, 401);
  });
});
