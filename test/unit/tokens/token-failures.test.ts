import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import type { Cloud } from '../../sandbox/cloud.ts';
import { entraError } from '../../sandbox/entra-error.ts';
import { json } from '../../sandbox/exchange.ts';
import { refuseConnection, replyWith } from '../../sandbox/faults.ts';
import { createScene, failureOf, whileTimePasses } from './sdk-scene.ts';

/** Every AADSTS code of the contract, except those that make the app read the secret again. */
const refusals = [
  7000218, 700016, 7000229, 90002, 65001, 500011, 70011, 700024, 700027, 70021, 700229, 7000112, 90055, 90024, 90033,
  900382, 900432, 90038, 9001023, 901002, 700022,
];

describe('token acquisition', () => {
  it('explains a stored secret id, naming secret and vault', async () => {
    const scene = createScene();
    const { cloud, getToken } = scene;
    cloud.administrator.putSecret('defender-client-secret', crypto.randomUUID());
    const error = await failureOf(scene, getToken());
    assert.equal(error.upstream.code, 'AADSTS7000215');
    assert.match(
      error.nextStep ?? '',
      /defender-client-secret in https:\/\/contoso-defender\.vault\.azure\.net.* looks like the secret's id/,
    );
  });

  it('explains an expired secret', async () => {
    const scene = createScene();
    const { cloud, getToken } = scene;
    cloud.administrator.expireSecret();
    const error = await failureOf(scene, getToken());
    assert.deepEqual([error.upstream.service, error.upstream.code], ['entra', 'AADSTS7000222']);
    assert.match(error.nextStep ?? '', /new version of defender-client-secret in https:\/\/contoso-defender/);
    assert.equal(cloud.calls.count('entra'), 1);
  });

  for (const number of refusals) {
    it(`explains AADSTS${number}`, async () => {
      const scene = createScene();
      const { cloud, getToken } = scene;
      const body = {
        error: 'refused',
        error_description: `AADSTS${number}: x`,
        error_codes: [number],
        trace_id: 'trace',
      };
      cloud.faults.add({ service: 'entra', effect: replyWith(json(400, body)) });
      const error = await failureOf(scene, getToken());
      assert.equal(error.upstream.code, `AADSTS${number}`);
      assert.equal(error.upstream.requestId, 'trace');
      assert.notEqual(error.message, 'Entra refused to issue a token.');
      assert.ok(error.nextStep);
    });
  }

  const steps = [
    ['keyVault', /KEY_VAULT_URL/],
    ['entra', /Entra/],
  ] as const;
  for (const [service, advice] of steps) {
    it(`waits 10 s for ${service}`, async () => {
      const scene = createScene();
      const { clock, cloud, getToken } = scene;
      cloud.faults.add({ service, effect: scene.neverAnswer });
      const startedAt = clock.now();
      let waitedMs = 0;
      const noted = getToken().finally(() => {
        waitedMs = clock.now() - startedAt;
      });
      const error = await failureOf(scene, noted);
      assert.deepEqual([error.upstream.service, error.failure, waitedMs], [service, 'timeout', 10_000]);
      assert.match(error.nextStep ?? '', advice);
    });

    it(`tries three times to reach ${service}`, async () => {
      const scene = createScene();
      const { cloud, getToken } = scene;
      cloud.faults.add({ service, effect: refuseConnection });
      const error = await failureOf(scene, getToken());
      assert.deepEqual(
        [error.upstream.service, error.failure, error.upstream.code],
        [service, 'connection', 'ECONNREFUSED'],
      );
      assert.equal(cloud.calls.count(service), 3);
    });

    it(`continues when ${service} fails once`, async () => {
      const scene = createScene();
      const { cloud, getToken } = scene;
      cloud.faults.add({ service, times: 1, effect: replyWith(json(503, {})) });
      assert.ok((await whileTimePasses(scene, getToken())).token);
    });
  }

  it('waits for a short Retry-After of Entra', async () => {
    const scene = createScene();
    const { clock, cloud, getToken } = scene;
    const throttled = entraError(90055, {}, clock.now());
    cloud.faults.add({
      service: 'entra',
      times: 1,
      effect: replyWith({ ...throttled, headers: { 'retry-after': '3' } }),
    });
    const startedAt = clock.now();
    let waitedMs = 0;
    const token = getToken().finally(() => {
      waitedMs = clock.now() - startedAt;
    });
    assert.ok((await whileTimePasses(scene, token)).token);
    assert.equal(waitedMs, 3_000);
  });

  it('returns a long Retry-After of Entra', async () => {
    const scene = createScene();
    const { clock, cloud, getToken } = scene;
    const throttled = entraError(90055, {}, clock.now());
    cloud.faults.add({ service: 'entra', effect: replyWith({ ...throttled, headers: { 'retry-after': '120' } }) });
    assert.equal((await failureOf(scene, getToken())).retryAfterMs, 120_000);
    assert.equal(cloud.calls.count('entra'), 1);
  });

  it('fails at once without a managed identity', async () => {
    const scene = createScene({ IDENTITY_ENDPOINT: '' });
    const { getToken, cloud } = scene;
    const error = await failureOf(scene, getToken());
    assert.equal(error.upstream.service, 'managedIdentity');
    assert.match(error.nextStep ?? '', /az functionapp identity assign/);
    assert.equal(cloud.calls.count('managedIdentity'), 0);
  });

  const vaultTroubles = [
    ['SecretDisabled', /Enable the latest version/, (cloud: Cloud) => cloud.administrator.disableSecret()],
    ['SecretNotFound', /DEFENDER_CLIENT_SECRET_NAME/, (cloud: Cloud) => cloud.administrator.removeSecret()],
    ['AccessDenied', /Key Vault Secrets User/, (cloud: Cloud) => cloud.administrator.denyVault()],
  ] as const;
  for (const [code, advice, trouble] of vaultTroubles) {
    it(`explains ${code}, naming secret and vault`, async () => {
      const scene = createScene();
      const { cloud, getToken } = scene;
      trouble(cloud);
      const error = await failureOf(scene, getToken());
      assert.deepEqual([error.upstream.service, error.upstream.code], ['keyVault', code]);
      assert.match(error.message, /defender-client-secret in https:\/\/contoso-defender\.vault\.azure\.net/);
      assert.match(error.nextStep ?? '', advice);
    });
  }

  it('keeps secrets out of errors', async () => {
    const scene = createScene();
    const { cloud, getToken } = scene;
    const secret = cloud.world.application.secrets[0]?.value ?? '';
    cloud.faults.add({ service: 'entra', effect: replyWith({ status: 200, headers: {}, body: 'eyJ.leaked.token' }) });
    const error = await failureOf(scene, getToken());
    assert.equal(error.failure, 'malformed');
    const told = inspect(error, { depth: Infinity, showHidden: true });
    assert.ok(!told.includes(secret) && !told.includes('leaked'));
  });
});
