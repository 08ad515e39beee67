import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, faults } = cloud;
const { home, tenants } = cloud.world;
const [, fabrikam, northwind] = tenants;
assert.ok(fabrikam && northwind);
const app = await useApp({ cloud, settings: { DEFENDER_TENANTS: `${fabrikam.id},${northwind.domain}` } });
const { host, call } = app;

const dayMs = 24 * 60 * 60_000;
const tokenCalls = () => calls.of('entra').filter(({ path }) => path.endsWith('/token'));

/** Runs the timer's function and gives what it logged. */
async function checkCredentials(): Promise<string[]> {
  const from = host.logs.length;
  await host.runFunction('checkCredentials');
  return host.logs.slice(from);
}

describe('checkCredentials', () => {
  beforeEach(() => host.restart());

  it('acquires a token for every tenant and API', async () => {
    const log = await checkCredentials();
    assert.deepEqual(
      tokenCalls()
        .map(({ tenantId, body }) => `${tenantId} ${String(body?.scope).split('/')[2]}`)
        .sort(),
      [home, fabrikam, northwind]
        .flatMap(({ id }) => [
          `${id} api.security.microsoft.com`,
          `${id} api.securitycenter.microsoft.com`,
          `${id} graph.microsoft.com`,
        ])
        .sort(),
    );
    assert.ok(
      log.some((line) => /9 of 9 tokens .* 3 tenants/.test(line)),
      log.join('\n'),
    );
    calls.clear();
    assertStatus(await call(`GET /incidents?top=1&tenantId=${fabrikam.id}`), 200);
    assertStatus(await call('POST /hunting', { json: { query: 'AlertInfo | count' } }), 200);
    assert.equal(tokenCalls().length + calls.count('keyVault'), 0);
  });

  it('renews valid tokens and picks up newly granted permissions', async () => {
    administrator.revokeRole('defenderXdr', 'Incident.ReadWrite.All', fabrikam);
    await checkCredentials();
    administrator.grantRole('defenderXdr', 'Incident.ReadWrite.All', fabrikam);
    calls.clear();
    await checkCredentials();
    assert.equal(tokenCalls().length, 9);
    assertStatus(await call(`GET /incidents?top=1&tenantId=${fabrikam.id}`), 200);
    assert.equal(calls.of('defenderXdr').length, 1);
  });

  it('warns from 30 days before the secret expires, with name and date', async () => {
    administrator.setSecretExpiry(cloud.now() + 31 * dayMs);
    const isWarning = (line: string) => line.includes('defender-client-secret');
    assert.deepEqual((await checkCredentials()).filter(isWarning), []);

    const expiresAt = Math.floor((cloud.now() + 30 * dayMs - 60_000) / 1000) * 1000;
    administrator.setSecretExpiry(expiresAt);
    const [warning, ...others] = (await checkCredentials()).filter(isWarning);
    assert.match(warning ?? '', /^\[checkCredentials\] warning: /);
    assert.match(warning ?? '', /29 days/);
    assert.ok(warning?.includes(new Date(expiresAt).toISOString()), warning);
    assert.deepEqual(others, []);
    administrator.rotateSecret();
  });

  it('picks up a rotated secret', async () => {
    await checkCredentials();
    administrator.rotateSecret();
    calls.clear();
    assert.ok((await checkCredentials()).some((line) => line.includes('Refreshed 9 of 9 tokens')));
    assert.ok(tokenCalls().every(({ status }) => status === 200));
  });

  it('logs the failure of one tenant and renews the tokens of all others', async () => {
    administrator.revokeConsent(fabrikam);
    const log = await checkCredentials();
    assert.equal(log.filter((line) => line.includes(fabrikam.id) && line.includes('AADSTS7000229')).length, 3);
    assert.ok(log.some((line) => line.includes('6 of 9')));
    calls.clear();
    assertStatus(await call(`GET /incidents?top=1&tenantId=${northwind.id}`), 200);
    assert.equal(tokenCalls().length, 0);
    administrator.consent(fabrikam);
  });

  it('keeps a token that cannot be renewed', async () => {
    await checkCredentials();
    const refused = json(400, { error: 'unauthorized_client', error_codes: [7000112] });
    const remove = faults.add({ service: 'entra', effect: replyWith(refused) });
    assert.ok((await checkCredentials()).some((line) => line.includes('0 of 9')));
    assertStatus(await call('GET /incidents?top=1'), 200);
    remove();
  });

  it('continues with the cached secret while Key Vault is down, with a warning', async () => {
    await checkCredentials();
    const unavailable = json(503, { error: { code: 'ServiceUnavailable', message: '' } });
    faults.add({ service: 'keyVault', effect: replyWith(unavailable) });
    const log = await checkCredentials();
    assert.ok(
      log.some((line) => line.includes('ServiceUnavailable')),
      log.join('\n'),
    );
    assert.ok(
      log.some((line) => line.includes('Refreshed 9 of 9 tokens')),
      log.join('\n'),
    );
  });

  it('fails with invalid settings, naming them', async (t) => {
    const wrong = await app.startBeside({ KEY_VAULT_URL: '' });
    t.after(() => wrong.stop());
    await assert.rejects(wrong.host.runFunction('checkCredentials'), /KEY_VAULT_URL/);
    assertProblem(await wrong.call('GET /incidents'), 500, 'InvalidConfiguration');
  });

  it('runs on CHECK_CREDENTIALS_SCHEDULE', async (t) => {
    const often = await app.startBeside({ CHECK_CREDENTIALS_SCHEDULE: '0 */15 * * * *' });
    t.after(() => often.stop());
    const found = often.host.functions.find(({ name }) => name === 'checkCredentials');
    assert.equal(found?.schedule, '0 */15 * * * *');
  });
});
