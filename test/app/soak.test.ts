import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cloud } from '../sandbox/cloud.ts';
import { json } from '../sandbox/exchange.ts';
import { breakConnection, type Effect, refuseConnection, replyWith } from '../sandbox/faults.ts';
import type { Reply } from './call.ts';
import { startApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { createTestCloud, type TestApp } from './test-app.ts';

const rounds = 140;
/** How long a failing request may retry. A second outage within this time would exhaust its retries. */
const patienceMs = 3_000;

/** What a service does when it blinks: once or twice in a row, which is as long as the app's patience lasts. */
const blinks: Effect[] = [
  breakConnection,
  refuseConnection,
  replyWith(json(503, { error: { code: 'Unavailable', message: '' } })),
  replyWith({
    ...json(429, { error: 'temporarily_unavailable', error_codes: [90055] }),
    headers: { 'retry-after': '0' },
  }),
];

interface Credential {
  settings: Record<string, string>;
  arrange(cloud: Cloud): unknown;
  /** The old one is worth nothing from then on. */
  rotate(cloud: Cloud): unknown;
  /** The service that holds the credential: it fails now and then, and has one long outage. */
  keeper: 'keyVault' | 'managedIdentity';
}

const credentials: Record<string, Credential> = {
  'a secret': {
    settings: {},
    arrange: () => {},
    rotate: ({ administrator }) => administrator.rotateSecret(),
    keeper: 'keyVault',
  },
  'a certificate': {
    settings: { DEFENDER_CREDENTIAL: 'certificate' },
    arrange: ({ administrator }) => administrator.rotateCertificate(),
    rotate: ({ administrator }) => administrator.rotateCertificate({ format: 'pkcs12' }),
    keeper: 'keyVault',
  },
  'a federated credential': {
    settings: {
      DEFENDER_CREDENTIAL: 'federated',
      AZURE_CLIENT_ID: createTestCloud().world.userAssignedIdentity.clientId,
    },
    arrange: ({ administrator }) => administrator.federate(),
    rotate: () => {},
    keeper: 'managedIdentity',
  },
};

const newVersion = (name: string) => [
  { id: crypto.randomUUID(), eventType: 'Microsoft.KeyVault.SecretNewVersionCreated', data: { ObjectName: name } },
];

/** Makes one call in each context and returns every reply that is not 200. */
async function callEverywhere({ call, cloud }: TestApp, users: readonly string[]): Promise<string[]> {
  const customer = `tenantId=${cloud.world.tenants[1]?.id}`;
  const [atHome = '', atCustomer = ''] = users;
  const query = { json: { query: 'AlertInfo | count' } };
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const replies: Reply[] = await Promise.all([
    call('GET /incidents?top=1'),
    call(`GET /incidents?top=1&${customer}`),
    call('GET /incidents?top=1', as(atHome)),
    call(`GET /incidents?top=1&${customer}`, as(atCustomer)),
    call('POST /hunting', query),
    call(`POST /hunting?${customer}`, { ...query, ...as(atCustomer) }),
  ]);
  return replies.flatMap(({ status, text }) => (status === 200 ? [] : `${status} ${text}`));
}

const time = createMovableTime();

describe('under steady traffic in every context', () => {
  for (const [what, { settings, arrange, rotate, keeper }] of Object.entries(credentials)) {
    it(`rotations, expiring tokens and transient failures stay invisible to callers: ${what}`, async (t) => {
      const cloud = createTestCloud({ now: time.now, behavior: { tokenLifetimeSeconds: 2 } });
      await arrange(cloud);
      const { home, tenants } = cloud.world;
      const customer = tenants[1] ?? assert.fail('The sandbox has no customer');
      const app = await startApp({ time, cloud, settings: { DEFENDER_TENANTS: customer.id, ...settings } });
      t.after(() => app.stop());
      const users = await Promise.all([home, customer].map((tenant) => cloud.signIn(tenant.users[0])));
      const nextBlinkAt = { entra: 0, keyVault: 0, managedIdentity: 0 };
      let blinked = 0;
      /** One blink at a time: it waits until the service is next called. */
      const blink = (service: keyof typeof nextBlinkAt, round: number) => {
        if (Date.now() < nextBlinkAt[service]) return;
        nextBlinkAt[service] = Number.POSITIVE_INFINITY;
        const effect = blinks[round % blinks.length] ?? breakConnection;
        const counted: Effect = (request, answer) => {
          nextBlinkAt[service] = Date.now() + patienceMs;
          blinked++;
          return effect(request, answer);
        };
        cloud.faults.add({ service, times: 1 + (round % 2), effect: counted });
      };
      const name = `defender-client-${settings.DEFENDER_CREDENTIAL ?? 'secret'}`;

      let endOutage = () => {};
      const failures: string[] = [];
      for (let round = 0; round < rounds; round++) {
        time.advance(50);
        const isOutage = round >= 60 && round < 80;
        if (round === 60) {
          // The app picks up the last rotation first: no cache could survive one during the outage.
          await app.call('GET /health');
          endOutage = cloud.faults.add({ service: keeper, effect: breakConnection });
        }
        if (round === 80) endOutage();
        if (!isOutage && round % 5 === 4) blink(keeper, round);
        if (round % 7 === 3) blink('entra', round);
        if (round % 40 === 6) await rotate(cloud);
        // Later rotations send no event: the rejection by Entra must be enough.
        if (round === 6) await app.call('POST /webhooks/key-vault', { json: newVersion(name) });
        const told = await callEverywhere(app, users);
        failures.push(...told.map((failure) => `round ${round}: ${failure}`));
      }
      assert.deepEqual(failures, []);

      const tokenCalls = cloud.calls.of('entra').filter(({ path }) => path.endsWith('/token'));
      const issued = tokenCalls.filter(({ status }) => status === 200).length;
      assert.ok(issued > 12, `Only ${issued} tokens were issued: none expired`);
      assert.ok(blinked >= 2, `Services blinked only ${blinked} times`);
      if (keeper === 'keyVault') assert.ok(tokenCalls.some(({ status }) => status === 401));
    });
  }
});
