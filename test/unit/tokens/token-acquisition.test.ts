import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { createScene, whileTimePasses } from './sdk-scene.ts';

describe('token acquisition', () => {
  it('calls the identity endpoint, Key Vault and Entra once each for concurrent callers', async () => {
    const scene = createScene();
    const { cloud, getToken } = scene;
    await Promise.all(Array.from({ length: 100 }, getToken));
    assert.equal(cloud.calls.count('managedIdentity'), 1);
    assert.equal(cloud.calls.count('keyVault'), 2);
    assert.equal(cloud.calls.count('entra'), 1);
  });

  it('reads a rotated secret once, unnoticed by callers', async () => {
    const scene = createScene();
    const { cloud, getToken, services } = scene;
    const principal: Principal = { kind: 'application', tenantId: cloud.world.home.id };
    services.tokens.forget(principal, 'defenderXdr', await getToken());
    cloud.administrator.rotateSecret();
    cloud.calls.clear();
    await Promise.all(Array.from({ length: 100 }, getToken));
    assert.equal(cloud.calls.count('keyVault'), 2);
    assert.equal(cloud.calls.count('entra'), 2);
  });

  for (const [description, decorate] of [
    ['a line break', (value: string) => `${value}\r\n`],
    ['a byte order mark', (value: string) => `\uFEFF${value}`],
    ['white space', (value: string) => ` \t${value} `],
  ] as const) {
    it(`accepts a secret that is stored with ${description}`, async () => {
      const scene = createScene();
      const { cloud, getToken } = scene;
      const secret = cloud.world.application.secrets[0]?.value ?? '';
      cloud.administrator.putSecret('defender-client-secret', decorate(secret));
      assert.ok((await whileTimePasses(scene, getToken())).token);
    });
  }
});
