import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import type { AccessToken } from '../../../shared/tokens/token-provider.ts';
import { type CloudReply, json } from '../../sandbox/exchange.ts';
import { replyWith } from '../../sandbox/faults.ts';
import { createScene, whileTimePasses } from './sdk-scene.ts';

const dayMs = 24 * 60 * 60_000;
const token = { token_type: 'Bearer', access_token: 'e30.e30.sig' };
const odd: unknown[] = [null, 7, 'text', [], {}, [{}], '', true, 1e300, -1, { a: { b: [] } }];
const raw = (body: string, status = 200): CloudReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body,
});

/** A token that expires within a day, or an error with a service and a reason. */
async function outcomeOf(service: 'entra' | 'keyVault' | 'managedIdentity', reply: CloudReply): Promise<void> {
  const scene = createScene();
  const { clock, cloud, services } = scene;
  const hasToken = ({ headers }: { headers: Readonly<Record<string, string>> }) => headers.authorization !== undefined;
  cloud.faults.add({ service, effect: replyWith(reply), ...(service === 'keyVault' && { match: hasToken }) });
  const principal: Principal = { kind: 'application', tenantId: cloud.world.home.id };
  const pending = services.tokens.getToken(principal, 'defenderXdr').catch((error: unknown) => error);
  const outcome: AccessToken | unknown = await whileTimePasses(scene, pending);
  const context = `${service} ${JSON.stringify(reply).slice(0, 120)}`;
  if (outcome instanceof UpstreamError || outcome instanceof RequestError) return;
  assert.ok(typeof outcome === 'object' && outcome !== null && 'expiresAt' in outcome, `${context}: ${outcome}`);
  const { expiresAt } = outcome;
  assert.ok(Number(expiresAt) <= clock.now() + dayMs, `${context}: ${expiresAt}`);
}

describe('token acquisition', () => {
  it('turns an odd response of Entra into a failure of Entra or a token that expires within a day', async () => {
    for (const value of odd) {
      await outcomeOf('entra', json(200, value));
      await outcomeOf('entra', json(400, value));
      await outcomeOf('entra', json(200, { ...token, expires_in: value }));
      await outcomeOf('entra', json(200, { ...token, access_token: value, expires_in: 3599 }));
      await outcomeOf('entra', json(400, { error: value, error_codes: value, claims: value, trace_id: value }));
    }
    for (const text of ['', '{', '[1', '\u0000', '<html></html>', '{"access_token":"x"'])
      await outcomeOf('entra', raw(text));
    for (const status of [201, 204, 206]) await outcomeOf('entra', raw('', status));
  });

  it('turns an odd response of Key Vault into a failure of Key Vault or a secret', async () => {
    const attributes = { enabled: true, created: 1764331200, updated: 1764331200 };
    const id = 'https://contoso-defender.vault.azure.net/secrets/defender-client-secret/v1';
    for (const value of odd) {
      await outcomeOf('keyVault', json(200, value));
      await outcomeOf('keyVault', json(404, value));
      await outcomeOf('keyVault', json(200, { value, id, attributes }));
      await outcomeOf('keyVault', json(200, { value: 'secret', id: value, attributes }));
      await outcomeOf('keyVault', json(200, { value: 'secret', id, attributes: value }));
      await outcomeOf('keyVault', json(200, { value: 'secret', id, attributes: { ...attributes, exp: value } }));
      await outcomeOf('keyVault', json(403, { error: { code: value, innererror: { code: value } } }));
    }
    for (const text of ['', '{', '<html></html>']) await outcomeOf('keyVault', raw(text));
  });

  it('turns an odd response of the identity endpoint into a failure of the managed identity or a token', async () => {
    const issued = { access_token: 'e30.e30.sig', token_type: 'Bearer', resource: 'https://vault.azure.net' };
    for (const value of odd) {
      await outcomeOf('managedIdentity', json(200, value));
      await outcomeOf('managedIdentity', json(400, value));
      await outcomeOf('managedIdentity', json(200, { ...issued, expires_on: value }));
      await outcomeOf('managedIdentity', json(200, { ...issued, access_token: value, expires_on: '9999999999' }));
    }
    for (const text of ['', '{', '<html></html>']) await outcomeOf('managedIdentity', raw(text));
  });
});
