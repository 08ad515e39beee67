import assert from 'node:assert/strict';
import { type Environment, parseConfig } from '../../shared/config.ts';
import { ConfigError, type InputError } from '../../shared/errors.ts';

export const homeTenantId = '11111111-2222-4333-8444-555555555555';
export const clientId = '99999999-8888-4777-8666-555555555555';

/** As few settings as the app can work with. */
export const settings = {
  DEFENDER_TENANT_ID: homeTenantId,
  DEFENDER_CLIENT_ID: clientId,
  KEY_VAULT_URL: 'https://contoso.vault.azure.net',
};

/** The errors that parseConfig reports for an environment. */
export function settingErrors(environment: Environment): InputError[] {
  try {
    parseConfig(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.errors;
  }
  return [];
}
