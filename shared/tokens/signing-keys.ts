import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { createTransport } from '../outbound/transport.ts';
import type { RunStep } from './credential-step.ts';
import { createExpiringCache, type Expiring } from './expiring-cache.ts';

/** The public keys with which Entra signs the tokens of a tenant. */
export interface SigningKeys {
  /**
   * The keys of a tenant, cached for 24 hours. An unknown key id causes a new request to Entra, at most once a minute for each
   * tenant. While Entra is unavailable the last known keys stay in use.
   * @throws {UpstreamError} of `entra` if no keys were ever fetched.
   */
  get(tenantId: string, keyId: string): Promise<JWTVerifyGetKey>;
}

interface SigningKeysOptions {
  runStep: RunStep;
  /** Base address of Entra, such as `https://login.microsoftonline.com`. */
  authority: string;
  clock: Clock;
}

interface KeySet extends Expiring {
  keyIds: ReadonlySet<string>;
  findKey: JWTVerifyGetKey;
}

const cachedForMs = 24 * 60 * 60_000;
const refreshAfterMs = 60 * 60_000;
const refetchPauseMs = 60_000;
const maxTenants = 1_000;

const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) });

export function createSigningKeys({ runStep, authority, clock }: SigningKeysOptions): SigningKeys {
  const cache = createExpiringCache<KeySet>({ now: clock.now, capacity: maxTenants });
  const lastKnown = new Map<string, KeySet>();
  const requestedAt = new Map<string, number>();

  async function request(tenantId: string): Promise<KeySet> {
    requestedAt.set(tenantId, clock.now());
    try {
      const { keys } = await requestKeys(runStep, `${authority}/${tenantId}/discovery/v2.0/keys`);
      const fetchedAt = clock.now();
      const keySet = {
        keyIds: new Set(keys.map(({ kid }) => kid)),
        findKey: createLocalJWKSet({ keys }),
        refreshAt: fetchedAt + refreshAfterMs,
        expiresAt: fetchedAt + cachedForMs,
      };
      lastKnown.set(tenantId, keySet);
      return keySet;
    } catch (error) {
      const known = lastKnown.get(tenantId);
      if (known === undefined) throw error;
      const retryAt = clock.now() + refetchPauseMs;
      return { ...known, refreshAt: retryAt, expiresAt: retryAt };
    }
  }

  return {
    async get(tenantId, keyId) {
      const load = () => request(tenantId);
      const keySet = await cache.get(tenantId, load);
      const isRecent = clock.now() - (requestedAt.get(tenantId) ?? 0) < refetchPauseMs;
      if (keySet.keyIds.has(keyId) || isRecent) return keySet.findKey;
      return (await cache.renew(tenantId, load)).findKey;
    },
  };
}

function requestKeys(runStep: RunStep, url: string) {
  return runStep('entra', async ({ httpClient }) => {
    const request = createPipelineRequest({ url, headers: createHttpHeaders({ accept: 'application/json' }) });
    const response = await createTransport(httpClient)(request);
    return keysSchema.parse(JSON.parse(response.bodyAsText ?? ''));
  });
}
