import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { UpstreamError } from '../../../shared/errors.ts';
import { createServices } from '../../../shared/services.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { type Cloud, createCloud } from '../../sandbox/cloud.ts';
import { entraError } from '../../sandbox/entra-error.ts';
import { json } from '../../sandbox/exchange.ts';
import { type Effect, refuseConnection, replyWith } from '../../sandbox/faults.ts';
import { forgetIdentityTokens } from '../../sandbox/forget-identity-tokens.ts';
import { createInMemoryHttpClient } from '../../sandbox/in-memory-http-client.ts';
import { identityHeader } from '../../sandbox/managed-identity.ts';
import { complete, createFakeClock } from '../fake-clock.ts';

/** The real chain, SDKs included, in front of a cloud in memory. */
function createScene(settings: Record<string, string> = {}) {
  forgetIdentityTokens();
  const clock = createFakeClock(Date.now());
  const cloud = createCloud();
  let unanswered = 0;
  const client = createInMemoryHttpClient(cloud);
  const httpClient: HttpClient = {
    async sendRequest(request) {
      unanswered++;
      try {
        return await client.sendRequest(request);
      } finally {
        unanswered--;
      }
    },
  };
  const neverAnswer: Effect = () => {
    unanswered--;
    return new Promise(() => {});
  };
  const services = createServices({
    httpClient,
    callbackClient: httpClient,
    clock,
    random: () => 0,
    observe: () => {},
    environment: {
      DEFENDER_TENANT_ID: cloud.world.home.id,
      DEFENDER_CLIENT_ID: cloud.world.application.clientId,
      KEY_VAULT_URL: `https://${cloud.world.vault.name}.vault.azure.net`,
      IDENTITY_ENDPOINT: 'present',
      ...settings,
    },
  });
  const principal: Principal = { kind: 'application', tenantId: cloud.world.home.id };
  const getToken = () => services.tokens.getToken(principal, 'defenderXdr');
  return { clock, cloud, services, getToken, neverAnswer, isCloudBusy: () => unanswered > 0 };
}

type Scene = ReturnType<typeof createScene>;

/**
 * Moves time forward until the promise is settled, but only while no work is in progress: signing tokens and the SDKs take turns of the
 * event loop without advancing the clock.
 */
async function whileTimePasses<T>({ clock, isCloudBusy }: Scene, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const noted = promise.finally(() => {
    isSettled = true;
  });
  noted.catch(() => {});
  for (let quietTurns = 0, steps = 0; !isSettled && steps < 2_000; quietTurns++) {
    if (isCloudBusy()) quietTurns = 0;
    if (quietTurns < 20) {
      await complete();
    } else {
      await clock.advance(100);
      quietTurns = 0;
      steps++;
    }
  }
  return await noted;
}

async function failureOf(scene: Scene, promise: Promise<unknown>): Promise<UpstreamError> {
  try {
    await whileTimePasses(scene, promise);
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  return assert.fail('It succeeded');
}

// The SDK reads these by itself.
process.env.IDENTITY_ENDPOINT = 'http://127.0.0.1:4001/msi/token';
process.env.IDENTITY_HEADER = identityHeader;

/** Every AADSTS code of the contract, except those that make us look for another secret. */
const refusals = [
  7000218, 700016, 7000229, 90002, 65001, 500011, 70011, 700024, 700027, 70021, 700229, 7000112, 90055, 90024, 90033,
  900382, 900432, 90038, 9001023, 901002, 700022,
];

describe('the way to a token', () => {
  it('leads through the identity, the vault and Entra, once each', async () => {
    const scene = createScene();
    const { cloud, getToken } = scene;
    await Promise.all(Array.from({ length: 100 }, getToken));
    assert.equal(cloud.calls.count('managedIdentity'), 1);
    assert.equal(cloud.calls.count('keyVault'), 2);
    assert.equal(cloud.calls.count('entra'), 1);
  });

  it('survives a rotation of the secret: one more read, and the caller notices nothing', async () => {
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

  it('ends at a secret that has expired and was not rotated, and says what to do', async () => {
    const scene = createScene();
    const { cloud, getToken } = scene;
    cloud.administrator.expireSecret();
    const error = await failureOf(scene, getToken());
    assert.deepEqual([error.upstream.service, error.upstream.code], ['entra', 'AADSTS7000222']);
    assert.match(error.nextStep ?? '', /new version of defender-client-secret in https:\/\/contoso-defender/);
    assert.equal(cloud.calls.count('entra'), 1);
  });

  for (const number of refusals) {
    it(`tells what AADSTS${number} means and what to do about it`, async () => {
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
    it(`waits ten seconds for ${service} and no longer`, async () => {
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

    it(`tries three times to reach ${service} before it gives up`, async () => {
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

  it('waits as long as a throttling Entra asks for, if that is short', async () => {
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

  it('passes on for how long a throttling Entra wants to be left alone, if that is long', async () => {
    const scene = createScene();
    const { clock, cloud, getToken } = scene;
    const throttled = entraError(90055, {}, clock.now());
    cloud.faults.add({ service: 'entra', effect: replyWith({ ...throttled, headers: { 'retry-after': '120' } }) });
    assert.equal((await failureOf(scene, getToken())).retryAfterMs, 120_000);
    assert.equal(cloud.calls.count('entra'), 1);
  });

  it('says at once when the function app has no identity', async () => {
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
    it(`says what to do about ${code}`, async () => {
      const scene = createScene();
      const { cloud, getToken } = scene;
      trouble(cloud);
      const error = await failureOf(scene, getToken());
      assert.deepEqual([error.upstream.service, error.upstream.code], ['keyVault', code]);
      assert.match(error.nextStep ?? '', advice);
    });
  }

  it('leaves nothing secret in its errors', async () => {
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
