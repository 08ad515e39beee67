import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem } from './replies.ts';

const { call, cloud, host } = await useApp();

describe('a malformed secret', () => {
  const secret = (changes: object) =>
    replyWith(json(200, { value: 'x', id: 'https://contoso-defender.vault.azure.net/secrets/a/1', ...changes }));
  const match = ({ headers }: { headers: Readonly<Record<string, string>> }) => headers.authorization !== undefined;

  it('is 503 when its value is not text', async () => {
    await host.restart();
    cloud.faults.add({ service: 'keyVault', match, effect: secret({ value: { a: 1 } }) });
    assertProblem(await call('GET /incidents'), 503, 'CredentialUnavailable');
  });

  it('has no expiration in health when its dates are malformed', async () => {
    await host.restart();
    cloud.faults.add({ service: 'keyVault', match, effect: secret({ attributes: { exp: 'soon', created: 1e300 } }) });
    const { json: report, status } = await call('GET /health');
    assert.equal(status, 503);
    assert.ok(!('expiresAt' in Object(report).credential));
  });
});

describe('a malformed token response', () => {
  it('is 503 when the token is not text', async () => {
    for (const service of ['managedIdentity', 'entra'] as const) {
      await host.restart();
      const reply = json(200, { access_token: 5, expires_in: 3599, expires_on: '4102444800', token_type: 'Bearer' });
      const remove = cloud.faults.add({ service, match: ({ url }) => /token/.test(url), effect: replyWith(reply) });
      for (const request of ['GET /incidents', 'POST /hunting'] as const) {
        const options = request.startsWith('POST') ? { json: { query: 'AlertInfo' } } : {};
        assertProblem(await call(request, options), 503, 'CredentialUnavailable');
      }
      remove();
    }
  });

  it('is 503 when a published signing key cannot be used', async () => {
    const token = await cloud.signIn(cloud.world.home.users[0]);
    const [header = ''] = token.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const keys = json(200, { keys: [{ kty: 'RSA', kid, use: 'sig', n: 'AQAB', e: 'AQAB' }] });
    await host.restart();
    cloud.faults.add({ service: 'entra', match: ({ url }) => url.endsWith('/keys'), effect: replyWith(keys) });
    const headers = { authorization: `Bearer ${token}` };
    assertProblem(await call('GET /incidents', { headers }), 503, 'CredentialUnavailable');
  });
});
