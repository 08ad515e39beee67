import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Environment, parseConfig } from '../../../shared/config.ts';
import { watchKeyVault } from '../../../shared/health/watch-key-vault.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import { createFakeClock } from '../fake-clock.ts';
import { settings } from '../settings.ts';

const dayMs = 24 * 60 * 60_000;
const newVersion = 'Microsoft.KeyVault.SecretNewVersionCreated';

function createScene(changes: Environment = {}) {
  const clock = createFakeClock();
  const observations: Observation[] = [];
  const lines: string[] = [];
  let expired = 0;
  let webhookExpired = 0;
  const unread = () => assert.fail('Nothing is read because of an event');
  const vault = { get: unread, getNewerThan: unread, read: unread, expire: () => expired++ };
  const world = {
    config: parseConfig({ ...settings, ...changes }),
    clock,
    appCredential: { credential: { requestToken: unread }, vault, identityScope: '' },
    webhookSecret: { expire: () => webhookExpired++ },
    observe: (observation: Observation) => observations.push(observation),
  };
  const log = {
    info: (line: string) => lines.push(`info: ${line}`),
    warn: (line: string) => lines.push(`warn: ${line}`),
  };
  return {
    clock,
    observations,
    lines,
    expired: () => expired,
    webhookExpired: () => webhookExpired,
    tell: (type: string, data: Record<string, unknown>, subject?: string) =>
      watchKeyVault(world, { type, subject, data }, log),
  };
}

describe('an event of Key Vault', () => {
  it("drops the app's secret when there is a new version of it, by whichever member names it", () => {
    const { tell, expired } = createScene();
    tell(newVersion, { ObjectName: 'Defender-Client-Secret' });
    tell(newVersion, {}, 'defender-client-secret');
    assert.equal(expired(), 2);
  });

  it('drops a certificate too', () => {
    const { tell, expired } = createScene({ DEFENDER_CREDENTIAL: 'certificate' });
    tell(newVersion, { ObjectName: 'defender-client-certificate' });
    tell('Microsoft.KeyVault.CertificateNewVersionCreated', { ObjectName: 'defender-client-certificate' });
    assert.equal(expired(), 2);
  });

  it("drops the webhook's secret, and not the credential with it", () => {
    const { tell, expired, webhookExpired } = createScene({ WEBHOOK_SECRET_NAME: 'webhook-secret' });
    tell(newVersion, { ObjectName: 'Webhook-Secret' });
    assert.deepEqual([expired(), webhookExpired()], [0, 1]);
  });

  it('drops nothing for another name, for another type, or without a credential in the vault', () => {
    const { tell, expired } = createScene();
    tell(newVersion, { ObjectName: 'another-secret' });
    tell(newVersion, { ObjectName: 'defender-client-certificate' });
    tell(newVersion, {});
    tell('Microsoft.KeyVault.SecretNearExpiry', { ObjectName: 'defender-client-secret' });
    const federated = createScene({ DEFENDER_CREDENTIAL: 'federated' });
    federated.tell(newVersion, { ObjectName: 'defender-client-secret' });
    assert.equal(expired() + federated.expired(), 0);
  });

  for (const [type, name] of [
    ['Microsoft.KeyVault.SecretNearExpiry', 'CredentialExpiring'],
    ['Microsoft.KeyVault.CertificateNearExpiry', 'CredentialExpiring'],
    ['Microsoft.KeyVault.SecretExpired', 'CredentialExpired'],
    ['Microsoft.KeyVault.CertificateExpired', 'CredentialExpired'],
  ] as const) {
    it(`warns: ${type}`, () => {
      const { clock, tell, observations, lines } = createScene();
      const expiresAt = clock.now() + 29 * dayMs;
      tell(type, { ObjectName: 'some-secret', EXP: String(expiresAt / 1000) });
      assert.deepEqual(observations, [{ name, credential: 'some-secret', daysLeft: 29, expiresAt }]);
      assert.match(lines[0] ?? '', /^warn: some-secret in Key Vault .*2026-12-19/);
    });
  }

  it('warns without a date when there is none that can be read', () => {
    const { tell, observations } = createScene();
    tell('Microsoft.KeyVault.SecretExpired', { ObjectName: 'some-secret', EXP: 'soon' });
    assert.deepEqual(observations, [{ name: 'CredentialExpired', credential: 'some-secret' }]);
  });

  it('never brings into the log what is no name of Key Vault', () => {
    const { tell, lines, observations } = createScene();
    tell('Microsoft.KeyVault.SecretExpired', { ObjectName: 'a\nb' });
    tell('Microsoft.KeyVault.SecretExpired', { ObjectName: 'x'.repeat(200) });
    assert.deepEqual([lines, observations], [[], []]);
  });
});
