import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Environment, parseConfig } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import { settingErrors, settings } from './settings.ts';

const wrongNames = (changes: Environment): string[] =>
  settingErrors({ ...settings, ...changes }).map(({ name }) => name);

describe('parseConfig', () => {
  it('reports every invalid setting at once', () => {
    const names = settingErrors({
      DEFENDER_TENANT_ID: 'contoso.com',
      KEY_VAULT_URL: 'http://contoso.vault.azure.net',
      DEFENDER_TENANTS: 'fabrikam.com,not a tenant',
      DEFENDER_CLOUD: 'moon',
      DEFENDER_CREDENTIAL: 'password',
      DEFENDER_CLIENT_SECRET_NAME: 'a/b',
      DEFENDER_HUNTING_API: 'both',
      DEFENDER_READ_ONLY: 'yes',
      DEFENDER_MACHINE_ACTIONS: 'isolate,reboot',
      AZURE_CLIENT_ID: 'system',
      UPSTREAM_TIMEOUT_SECONDS: '0',
      CHECK_CREDENTIALS_SCHEDULE: 'hourly',
    }).map(({ name }) => name);
    assert.deepEqual(names.sort(), [
      'AZURE_CLIENT_ID',
      'CHECK_CREDENTIALS_SCHEDULE',
      'DEFENDER_CLIENT_ID',
      'DEFENDER_CLIENT_SECRET_NAME',
      'DEFENDER_CLOUD',
      'DEFENDER_CREDENTIAL',
      'DEFENDER_HUNTING_API',
      'DEFENDER_MACHINE_ACTIONS',
      'DEFENDER_READ_ONLY',
      'DEFENDER_TENANTS',
      'DEFENDER_TENANT_ID',
      'KEY_VAULT_URL',
      'UPSTREAM_TIMEOUT_SECONDS',
    ]);
  });

  it('names invalid settings without their values', () => {
    const secret = 'pasted-by-accident';
    const wrong = Object.fromEntries(
      [...Object.keys(settings), 'DEFENDER_CLOUD', 'AZURE_CLIENT_ID'].map((name) => [name, secret]),
    );
    assert.throws(
      () => parseConfig(wrong),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.errors.length, 5);
        assert.doesNotMatch(JSON.stringify(error.errors) + error.stack, new RegExp(secret));
        return true;
      },
    );
  });

  it('limits the upstream timeout to 1 to 100 whole seconds', () => {
    for (const good of ['1', '99', '100']) assert.deepEqual(wrongNames({ UPSTREAM_TIMEOUT_SECONDS: good }), []);
    for (const bad of ['0', '101', '1.5', '-1', '030', '1e2']) {
      assert.deepEqual(wrongNames({ UPSTREAM_TIMEOUT_SECONDS: bad }), ['UPSTREAM_TIMEOUT_SECONDS'], bad);
    }
  });

  it('accepts a region with the public cloud only', () => {
    assert.deepEqual(wrongNames({ DEFENDER_REGION: 'us', DEFENDER_CLOUD: 'Public' }), []);
    assert.deepEqual(wrongNames({ DEFENDER_REGION: 'us', DEFENDER_CLOUD: 'gcc' }), ['DEFENDER_REGION']);
  });

  it('rejects a region that would change the host', () => {
    for (const bad of ['evil.com/', 'us.', 'x@y', 'a#'])
      assert.deepEqual(wrongNames({ DEFENDER_REGION: bad }), ['DEFENDER_REGION']);
  });

  it('requires five or six fields in a schedule', () => {
    for (const good of ['*/5 * * * *', '0 */5 * * * *'])
      assert.deepEqual(wrongNames({ CHECK_CREDENTIALS_SCHEDULE: good }), []);
    for (const bad of ['* * * *', '* * * * * * *']) {
      assert.deepEqual(wrongNames({ CHECK_CREDENTIALS_SCHEDULE: bad }), ['CHECK_CREDENTIALS_SCHEDULE']);
    }
  });
});
