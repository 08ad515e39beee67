import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Environment, parseConfig } from '../../../shared/config.ts';
import { UpstreamError } from '../../../shared/errors.ts';
import { findWarnings } from '../../../shared/health/health-warnings.ts';
import { settings } from '../settings.ts';

const storage = { AzureWebJobsStorage__accountName: 'contoso' };
const now = Date.parse('2026-11-28T12:00:00Z');
const disabled = new UpstreamError('Could not read the secret.', {
  service: 'keyVault',
  failure: 'refused',
  status: 403,
  nextStep: 'Enable it.',
});

interface Secrets {
  webhookSecret?: () => Promise<string>;
  sign?: () => Promise<string>;
  tenantCount?: number;
  at?: number;
}

async function warningsOf(
  environment: Environment,
  { webhookSecret, sign = async () => '', tenantCount = 1, at = now }: Secrets = {},
) {
  const context = {
    config: parseConfig({ ...settings, ...environment }),
    webhookSecret: webhookSecret && { get: webhookSecret },
    stateProtection: { sign },
  };
  const findings = await findWarnings(context, tenantCount, at);
  return findings.map(({ warning, isDegrading }) => `${warning.code}${isDegrading ? ' (degraded)' : ''}`);
}

describe('warnings of health', () => {
  it('are absent without storage', async () => assert.deepEqual(await warningsOf({}), []));

  it('report a missing state key where state is stored', async () => {
    assert.deepEqual(await warningsOf(storage), ['StateKeyMissing']);
    assert.deepEqual(await warningsOf({ ...storage, STATE_KEY_NAME: 'state-key' }), []);
  });

  it('report a state key or webhook secret that cannot be read', async () => {
    const fail = () => Promise.reject(disabled);
    const environment = { ...storage, STATE_KEY_NAME: 'state-key', WEBHOOK_SECRET_NAME: 'webhook' };
    assert.deepEqual(await warningsOf(environment, { webhookSecret: fail, sign: fail }), [
      'WebhookSecretUnavailable (degraded)',
      'StateKeyUnavailable (degraded)',
    ]);
    assert.deepEqual(await warningsOf(environment, { webhookSecret: async () => 'secret' }), []);
  });

  it('report the hunting API of Defender XDR, which ends on 1 February 2027', async () => {
    const environment = { DEFENDER_HUNTING_API: 'xdr' };
    assert.deepEqual(await warningsOf(environment), ['HuntingApiRetired']);
    const at = Date.parse('2027-02-01T00:00:00Z');
    assert.deepEqual(await warningsOf(environment, { at }), ['HuntingApiRetired (degraded)']);
  });

  it('report function keys that open several tenants', async () => {
    assert.deepEqual(await warningsOf({}, { tenantCount: 3 }), ['FunctionKeyOpensAllTenants']);
    assert.deepEqual(await warningsOf({ CALLER_AUTHENTICATION: 'token' }, { tenantCount: 3 }), []);
  });
});
