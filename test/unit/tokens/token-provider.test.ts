import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import type { Principal } from '../../../shared/tokens/principal.ts';
import { createTokenProvider } from '../../../shared/tokens/token-provider.ts';
import { complete, createFakeClock } from '../fake-clock.ts';

const hourMs = 3_600_000;
const inTenant = (tenantId: string): Principal => ({ kind: 'application', tenantId });

/** A provider over an Entra that names each token after what was asked for, and counts. */
function createScene({ lifetimeMs = hourMs, refreshAfterMs }: { lifetimeMs?: number; refreshAfterMs?: number } = {}) {
  const clock = createFakeClock();
  const observations: Observation[] = [];
  const requests: string[] = [];
  let refusal: Error | undefined;
  const provider = createTokenProvider({
    clock,
    resourceOf: (api) => `https://${api}.example`,
    observe: (observation) => observations.push(observation),
    credential: {
      async requestToken(principal, scope) {
        const asked = `${principal.kind === 'user' ? principal.assertion : principal.tenantId} ${scope}`;
        requests.push(asked);
        if (refusal !== undefined) throw refusal;
        const now = clock.now();
        return {
          token: `${asked} ${requests.length}`,
          expiresOnTimestamp: now + lifetimeMs,
          ...(refreshAfterMs !== undefined && { refreshAfterTimestamp: now + refreshAfterMs }),
        };
      },
    },
  });
  const refuse = (error: Error | undefined) => {
    refusal = error;
  };
  return { clock, provider, requests, observations, refuse };
}

describe('the token provider', () => {
  it("requests the default scope of the API's resource", async () => {
    const { provider, requests } = createScene();
    await provider.getToken(inTenant('t1'), 'graph');
    assert.deepEqual(requests, ['t1 https://graph.example/.default']);
  });

  it('keeps tokens of tenants and APIs apart', async () => {
    const { provider, requests } = createScene();
    const tenants = Array.from({ length: 50 }, (_, index) => `t${index}`);
    const apis = ['defenderXdr', 'graph', 'defenderForEndpoint'] as const;
    const pairs = tenants.flatMap((tenantId) => apis.map((api) => ({ tenantId, api })));
    for (let round = 0; round < 3; round++) {
      const tokens = await Promise.all(pairs.map(({ tenantId, api }) => provider.getToken(inTenant(tenantId), api)));
      for (const [index, { tenantId, api }] of pairs.entries()) {
        assert.ok(tokens[index]?.token.startsWith(`${tenantId} https://${api}.example/.default `));
      }
    }
    assert.equal(requests.length, pairs.length);
  });

  it('keeps tokens of users and of the application apart, and drops them with the assertion', async () => {
    const { provider, clock, requests } = createScene();
    const user = (assertion: string): Principal => ({
      kind: 'user',
      objectId: 'cccccccc-2222-4333-8444-555555555555',
      tenantId: 't1',
      assertion,
      assertionHash: `hash of ${assertion}`,
      expiresAt: clock.now() + 600_000,
    });
    const users = Array.from({ length: 1_000 }, (_, index) => user(`user ${index}`));
    const tokens = await Promise.all(users.map((each) => provider.getToken(each, 'graph')));
    for (const [index, { token, expiresAt }] of tokens.entries()) {
      assert.ok(token.startsWith(`user ${index} https://graph.example/.default `));
      assert.ok(expiresAt <= clock.now() + 600_000);
    }
    assert.ok((await provider.getToken(inTenant('t1'), 'graph')).token.startsWith('t1 '));
    assert.equal(requests.length, 1_001);
  });

  it('exchanges an assertion once, even shortly before its expiry', async () => {
    const { provider, clock, requests } = createScene({ lifetimeMs: 80 * 60_000 });
    const expiresAt = clock.now() + hourMs;
    const user: Principal = {
      kind: 'user',
      objectId: 'cccccccc-2222-4333-8444-555555555555',
      tenantId: 't1',
      assertion: 'a',
      assertionHash: 'hash',
      expiresAt,
    };
    for (let minute = 0; minute < 59; minute++) {
      await provider.getToken(user, 'graph');
      await clock.advance(60_000);
    }
    assert.equal(requests.length, 1);
  });

  it('refreshes in the background from five minutes before expiry', async () => {
    const { provider, requests, clock } = createScene();
    const first = await provider.getToken(inTenant('t1'), 'graph');
    await clock.advance(hourMs - 300_000 - 1);
    await provider.getToken(inTenant('t1'), 'graph');
    assert.equal(requests.length, 1);
    await clock.advance(1);
    assert.equal(await provider.getToken(inTenant('t1'), 'graph'), first);
    assert.equal(requests.length, 2);
    await complete();
    assert.notEqual(await provider.getToken(inTenant('t1'), 'graph'), first);
  });

  it('refreshes earlier if Entra recommends it', async () => {
    const { provider, requests, clock } = createScene({ lifetimeMs: 24 * hourMs, refreshAfterMs: 12 * hourMs });
    await provider.getToken(inTenant('t1'), 'graph');
    await clock.advance(12 * hourMs);
    await provider.getToken(inTenant('t1'), 'graph');
    assert.equal(requests.length, 2);
  });

  it('does not refresh a short-lived token at every call', async () => {
    const { provider, requests, clock } = createScene({ lifetimeMs: 60_000 });
    for (let second = 0; second < 29; second++) {
      await provider.getToken(inTenant('t1'), 'graph');
      await clock.advance(1_000);
    }
    assert.equal(requests.length, 1);
  });

  it('does not return a token in its last 30 seconds', async () => {
    const { provider, requests, clock, refuse } = createScene();
    const first = await provider.getToken(inTenant('t1'), 'graph');
    refuse(new Error('Entra is down'));
    await clock.advance(hourMs - 30_001);
    assert.equal(await provider.getToken(inTenant('t1'), 'graph'), first);
    await clock.advance(1);
    await assert.rejects(provider.getToken(inTenant('t1'), 'graph'), { message: 'Entra is down' });
    assert.ok(requests.length >= 2);
  });

  it('requests a new token after the old one was dropped', async () => {
    const { provider } = createScene();
    const first = await provider.getToken(inTenant('t1'), 'graph');
    provider.forget(inTenant('t1'), 'graph', first);
    assert.notEqual(await provider.getToken(inTenant('t1'), 'graph'), first);
  });

  it('observes every acquisition with its code, without the token', async () => {
    const { provider, observations, refuse } = createScene();
    await provider.getToken(inTenant('t1'), 'graph');
    refuse(new UpstreamError('no', { service: 'entra', failure: 'refused', status: 401, code: 'AADSTS7000222' }));
    await assert.rejects(provider.getToken(inTenant('t2'), 'graph'));
    const acquisition = { name: 'TokenAcquisition', api: 'graph', durationMs: 0 };
    assert.deepEqual(observations, [
      { ...acquisition, tenantId: 't1', succeeded: true },
      { ...acquisition, tenantId: 't2', succeeded: false, code: 'AADSTS7000222' },
    ]);
  });
});
