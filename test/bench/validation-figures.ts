import { createAccessTokenValidator } from '../../shared/tokens/access-token-validator.ts';
import { createStepRunner } from '../../shared/tokens/credential-step.ts';
import { createSigningKeys } from '../../shared/tokens/signing-keys.ts';
import { createFakeHttpClient } from '../unit/fake-http-client.ts';
import { clientId, homeTenantId } from '../unit/settings.ts';
import { createTestKey, signed, toKeysReply, userClaims } from '../unit/tokens/test-issuer.ts';
import type { Figure } from './figures.ts';

const validations = 100_000;
const distinctTokens = 1_000;
const concurrency = 32;

/** Many tokens of many users, signature included, with the keys in memory. */
export async function measureTokenValidation(): Promise<Figure> {
  const key = createTestKey('key-1');
  const httpClient = createFakeHttpClient(toKeysReply(key));
  const clock = { now: Date.now, startTimer: () => () => {} };
  const authority = 'https://login.microsoftonline.com';
  const keys = createSigningKeys({
    runStep: createStepRunner({ httpClient, clock, random: Math.random }),
    authority,
    clock,
  });
  const options = { clientId, appIdUris: [], homeTenantId, authority, keys, clock };
  const validator = createAccessTokenValidator(options);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const tokens = await Promise.all(
    Array.from({ length: distinctTokens }, () => signed(key, userClaims(now, { oid: crypto.randomUUID() }))),
  );
  const validate = (index: number) => validator.validate(tokens[index % distinctTokens] ?? '', async () => {});
  await validate(0);
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const startedAt = performance.now();
  for (let index = 0; index < validations; index += concurrency)
    await Promise.all(Array.from({ length: concurrency }, (_, offset) => validate(index + offset)));
  const elapsedMs = performance.now() - startedAt;
  globalThis.gc?.();
  const heapMb = (process.memoryUsage().heapUsed - heapBefore) / 1e6;
  return {
    name: `validation of an access token, keys in memory (${validations.toLocaleString('en')} validations)`,
    goal: '< 1 ms each, 1 request for keys',
    result: `${(elapsedMs / validations).toFixed(2)} ms, ${httpClient.requests.length} request, heap ${heapMb >= 0 ? '+' : ''}${heapMb.toFixed(1)} MB`,
  };
}

if (import.meta.main) console.log(await measureTokenValidation());
