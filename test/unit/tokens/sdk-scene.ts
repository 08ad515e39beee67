import assert from 'node:assert/strict';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { UpstreamError } from '../../../shared/errors.ts';
import { createServices } from '../../../shared/services.ts';
// Loaded now: the clock of a test must not pass while a module loads.
import '../../../shared/tokens/identity-sdk.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { createCloud } from '../../sandbox/cloud.ts';
import type { Effect } from '../../sandbox/faults.ts';
import { forgetIdentityTokens } from '../../sandbox/forget-identity-tokens.ts';
import { createInMemoryHttpClient } from '../../sandbox/in-memory-http-client.ts';
import { identityHeader } from '../../sandbox/managed-identity.ts';
import { complete, createFakeClock } from '../fake-clock.ts';

/** The services with the real SDKs on a sandbox in memory. */
export function createScene(settings: Record<string, string> = {}) {
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
export async function whileTimePasses<T>({ clock, isCloudBusy }: Scene, promise: Promise<T>): Promise<T> {
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

export async function failureOf(scene: Scene, promise: Promise<unknown>): Promise<UpstreamError> {
  try {
    await whileTimePasses(scene, promise);
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  return assert.fail('It did not fail');
}

// The SDK reads these by itself.
process.env.IDENTITY_ENDPOINT = 'http://127.0.0.1:4001/msi/token';
process.env.IDENTITY_HEADER = identityHeader;
