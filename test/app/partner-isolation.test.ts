import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import type { Effect } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { huntOf, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, faults, world } = cloud;
const customers = Array.from({ length: 49 }, (_, index) =>
  administrator.addTenant({
    id: `5${String(index).padStart(7, '0')}-0000-4000-8000-000000000000`,
    domain: `customer-${index}.example`,
    displayName: `Customer ${index}`,
    incidentCount: 3,
  }),
);
const tenants = [world.home, ...customers];
const settings = { DEFENDER_TENANTS: customers.map(({ id }) => id).join(',') };
const { call } = await useApp({ cloud, settings });

const requestIdOf = (headers: Readonly<Record<string, string>>) =>
  headers['x-ms-client-request-id'] ?? headers['client-request-id'] ?? '';

/** Releases a random waiting request when eight more have arrived, or no more arrive. */
function createShuffle(random: () => number): Effect {
  const waiting: (() => void)[] = [];
  const release = () => waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.();
  let quiet: NodeJS.Timeout | undefined;
  return async (_request, answer) => {
    const turn = new Promise<void>((resolve) => waiting.push(resolve));
    if (waiting.length > 8) release();
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      while (waiting.length > 0) release();
    }, 20);
    await turn;
    return await answer();
  };
}

/** The same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const refusals: Record<string, ReturnType<typeof json>> = {
  throttled: {
    ...json(429, { error: { code: '429', message: 'quota', target: 'x' } }),
    headers: { 'retry-after': '0' },
  },
  rejected: json(401, { error: { code: 'Unauthorized', message: 'The token is not valid.', target: 'x' } }),
  broken: json(503, { error: { code: 'ServiceUnavailable', message: 'busy', target: 'x' } }),
};

/** The first attempt of a call fails in the way that its id asks for; in between, the secret is rotated. */
function createTrouble(): { strike: Effect; struck: ReadonlySet<string> } {
  const struck = new Set<string>();
  const strike: Effect = ({ headers }, answer) => {
    const id = requestIdOf(headers);
    const refusal = refusals[id.split(' ')[2] ?? ''];
    if (refusal === undefined || struck.has(id)) return answer();
    struck.add(id);
    if (struck.size === 40 || struck.size === 110) administrator.rotateSecret();
    return refusal;
  };
  return { strike, struck };
}

/** Every third token must be refreshed at once, while it is used. */
const wantRenewal = (random: () => number): Effect => {
  return async (_request, answer) => {
    const reply = await answer();
    if ('broken' in reply || typeof reply.body !== 'string' || random() > 1 / 3) return reply;
    if (!reply.body.includes('access_token')) return reply;
    return { ...reply, body: JSON.stringify({ ...JSON.parse(reply.body), refresh_in: 0.001 }) };
  };
};

describe('fifty tenants', () => {
  it('never get the token of another tenant, however throttling, rejections, refreshes and rotations overlap', async () => {
    const random = createRandom(20_261_125);
    const { strike, struck } = createTrouble();
    for (const service of ['defenderXdr', 'graph', 'entra'] as const) {
      faults.add({ service, effect: createShuffle(random) });
    }
    faults.add({ service: 'defenderXdr', effect: strike });
    faults.add({ service: 'graph', effect: strike });
    faults.add({ service: 'entra', effect: wantRenewal(random) });

    const kinds = ['well', ...Object.keys(refusals)];
    const callIn = async (round: number, index: number) => {
      const tenant = tenants[index];
      assert.ok(tenant);
      const kind = kinds[(round + index) % kinds.length];
      const headers = { 'x-ms-client-request-id': `${tenant.id} ${round} ${kind}` };
      const named = index === 0 ? '' : `tenantId=${(round + index) % 3 === 0 ? tenant.domain : tenant.id}`;
      if (round % 2 === 0) pageOf(await call(`GET /incidents?top=2&${named}`, { headers }));
      else huntOf(await call(`POST /hunting?${named}`, { headers, json: { query: 'AlertInfo | count' } }));
    };
    // In each wave the secret is rotated once: twice within one request for a token is more than the app has to bear.
    for (const rounds of [
      [0, 1],
      [2, 3],
    ]) {
      await Promise.all(rounds.flatMap((round) => tenants.map((_, index) => callIn(round, index))));
    }

    const asked = [...calls.of('defenderXdr'), ...calls.of('graph')];
    assert.equal(struck.size, 150);
    assert.equal(asked.length, 4 * tenants.length + struck.size);
    for (const { headers, claims } of asked) assert.equal(claims?.tid, requestIdOf(headers).split(' ')[0]);
  });
});
