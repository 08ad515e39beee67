import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Environment, parseConfig } from '../../../shared/config.ts';
import { type VaultEvent, watchKeyVault } from '../../../shared/health/watch-key-vault.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import { createFakeClock } from '../fake-clock.ts';
import { settings } from '../settings.ts';

const dayMs = 24 * 60 * 60_000;
const newVersion = 'Microsoft.KeyVault.SecretNewVersionCreated';

function createScene(changes: Environment = {}) {
  const clock = createFakeClock();
  const observations: Observation[] = [];
  const lines: string[] = [];
  const raised: string[] = [];
  const context = {
    config: parseConfig({ ...settings, ...changes }),
    clock,
    raiseGeneration: async (topic: string) => void raised.push(topic),
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
    raised,
    receive: (type: string, data: Record<string, unknown>, subject?: string) =>
      watchKeyVault(context, [{ type, subject, data }], log),
    receiveAll: (...events: VaultEvent[]) => watchKeyVault(context, events, log),
  };
}

describe('watchKeyVault', () => {
  it('has every instance read its secrets again when the client secret has a new version', async () => {
    const { receive, raised } = createScene();
    await receive(newVersion, { ObjectName: 'Defender-Client-Secret' });
    await receive(newVersion, {}, 'defender-client-secret');
    assert.deepEqual(raised, ['credentials', 'credentials']);
  });

  it('does so for certificates, the webhook secret and the state key', async () => {
    const { receive, raised } = createScene({
      DEFENDER_CREDENTIAL: 'certificate',
      WEBHOOK_SECRET_NAME: 'webhook-secret',
      STATE_KEY_NAME: 'state-key',
    });
    await receive(newVersion, { ObjectName: 'defender-client-certificate' });
    await receive('Microsoft.KeyVault.CertificateNewVersionCreated', { ObjectName: 'defender-client-certificate' });
    await receive(newVersion, { ObjectName: 'Webhook-Secret' });
    await receive(newVersion, { ObjectName: 'state-key' });
    assert.equal(raised.length, 4);
  });

  it('notifies the other instances once for all events of a delivery', async () => {
    const { receiveAll, raised, lines } = createScene();
    const event = { type: newVersion, subject: 'defender-client-secret', data: {} };
    await receiveAll(event, event, event);
    assert.deepEqual(raised, ['credentials']);
    assert.equal(lines.length, 1);
  });

  it('ignores other names, other vaults and other types', async () => {
    const { receive, raised } = createScene();
    await receive(newVersion, { ObjectName: 'another-secret' });
    await receive(newVersion, { ObjectName: 'defender-client-certificate' });
    await receive(newVersion, { ObjectName: 'defender-client-secret', VaultName: 'fabrikam' });
    await receive(newVersion, {});
    await receive('Microsoft.KeyVault.SecretNearExpiry', { ObjectName: 'defender-client-secret' });
    const federated = createScene({ DEFENDER_CREDENTIAL: 'federated' });
    await federated.receive(newVersion, { ObjectName: 'defender-client-secret' });
    assert.deepEqual([...raised, ...federated.raised], []);
    await receive(newVersion, { ObjectName: 'defender-client-secret', VaultName: 'Contoso' });
    assert.deepEqual(raised, ['credentials']);
  });

  for (const [type, name] of [
    ['Microsoft.KeyVault.SecretNearExpiry', 'CredentialExpiring'],
    ['Microsoft.KeyVault.CertificateNearExpiry', 'CredentialExpiring'],
    ['Microsoft.KeyVault.SecretExpired', 'CredentialExpired'],
    ['Microsoft.KeyVault.CertificateExpired', 'CredentialExpired'],
  ] as const) {
    it(`warns at ${type}`, async () => {
      const { clock, receive, observations, lines } = createScene();
      const expiresAt = clock.now() + 29 * dayMs;
      await receive(type, { ObjectName: 'some-secret', EXP: String(expiresAt / 1000) });
      assert.deepEqual(observations, [{ name, credential: 'some-secret', daysLeft: 29, expiresAt }]);
      assert.match(lines[0] ?? '', /^warn: some-secret in Key Vault .*2026-12-19/);
    });
  }

  for (const unreadable of ['soon', 1e20, -1, Number.NaN]) {
    it(`warns without a date when EXP is ${unreadable}`, async () => {
      const { receive, observations } = createScene();
      await receive('Microsoft.KeyVault.SecretExpired', { ObjectName: 'some-secret', EXP: unreadable });
      assert.deepEqual(observations, [{ name: 'CredentialExpired', credential: 'some-secret' }]);
    });
  }

  it('keeps names that Key Vault does not allow out of log and telemetry', async () => {
    const { receive, lines, observations } = createScene();
    await receive('Microsoft.KeyVault.SecretExpired', { ObjectName: 'a\nb' });
    await receive('Microsoft.KeyVault.SecretExpired', { ObjectName: 'x'.repeat(200) });
    assert.deepEqual([lines, observations], [[], []]);
  });
});
