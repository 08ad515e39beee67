import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../shared/config.ts';
import { UpstreamError } from '../../../shared/errors.ts';
import { checkCredentials } from '../../../shared/health/credential-check.ts';
import type { TenantOutcome } from '../../../shared/tokens/tenant-outcome.ts';
import type { AccessToken } from '../../../shared/tokens/token-provider.ts';
import { complete, createFakeClock } from '../fake-clock.ts';
import { homeTenantId, settings } from '../settings.ts';

const tokenWith = (roles: string[]): AccessToken => ({
  token: `header.${Buffer.from(JSON.stringify({ roles })).toString('base64url')}.signature`,
  expiresAt: 0,
  refreshAt: 0,
});

/** A thousand customer tenants, some of them pending; `renew` acts as Entra. */
function createScene(renew: (tenantId: string) => AccessToken, pending: readonly string[] = []) {
  const clock = createFakeClock();
  const ids = [homeTenantId, ...Array.from({ length: 1_000 }, (_, index) => `customer-${index}`)];
  const outcomes: TenantOutcome[] = [];
  const promoted: string[] = [];
  const lines: string[] = [];
  let running = 0;
  let maxRunning = 0;
  const unused = () => assert.fail('not needed');
  const context = {
    config: parseConfig({ ...settings, DEFENDER_CREDENTIAL: 'federated' }),
    clock,
    managedIdentity: { getToken: unused },
    appCredential: { credential: { requestToken: unused }, vault: undefined, identityScope: '' },
    tenants: {
      homeTenantId,
      findServedTenant: unused,
      listTenants: unused,
      listServedTenants: async () => ids.map((tenantId) => ({ tenantId, isPending: pending.includes(tenantId) })),
    },
    tokens: {
      getToken: unused,
      forget: unused,
      forgetTenant: unused,
      async renew({ tenantId }: { tenantId: string }) {
        maxRunning = Math.max(maxRunning, ++running);
        await complete();
        running--;
        return renew(tenantId);
      },
    },
    onboarding: { promote: async (tenantId: string) => void promoted.push(tenantId) },
    recordOutcome: (outcome: TenantOutcome) => outcomes.push(outcome),
    observe: () => {},
  };
  const log = {
    info: (line: string) => lines.push(line),
    warn: (line: string) => lines.push(`warn: ${line}`),
  };
  const recorded = (kind: TenantOutcome['kind']) =>
    new Set(outcomes.filter((outcome) => outcome.kind === kind).map(({ tenantId }) => tenantId));
  return { run: () => checkCredentials(context, log), ids, lines, promoted, recorded, maxRunning: () => maxRunning };
}

const refuse = (code: string): never => {
  throw new UpstreamError('No.', { service: 'entra', failure: 'refused', status: 400, code });
};

describe('checkCredentials', () => {
  it('checks a thousand tenants in one run, at most 16 at the same time', async () => {
    const { run, ids, lines, recorded, maxRunning } = createScene(() => tokenWith(['Incident.Read.All']));
    await run();
    assert.deepEqual([...recorded('succeeded')].sort(), [...ids].sort());
    assert.ok(maxRunning() > 1 && maxRunning() <= 16, `${maxRunning()}`);
    assert.match(lines.at(-1) ?? '', /in 1001 tenants/);
  });

  it('distinguishes withdrawn consent from an outage, and continues with the other tenants', async () => {
    const { run, ids, recorded, lines } = createScene((tenantId) => {
      if (tenantId === 'customer-3') return refuse('AADSTS7000229');
      if (tenantId === 'customer-5') return refuse('AADSTS90033');
      return tokenWith(tenantId === 'customer-7' ? [] : ['Incident.Read.All']);
    });
    await run();
    assert.deepEqual([...recorded('revoked')].sort(), ['customer-3', 'customer-7']);
    assert.deepEqual([...recorded('failed')], ['customer-5']);
    assert.equal(recorded('succeeded').size, ids.length - 3);
    assert.ok(lines.some((line) => line.startsWith('warn: ') && line.includes('customer-3')));
  });

  it('promotes pending tenants that have consented, and does not log the others', async () => {
    const { run, promoted, recorded, lines } = createScene(
      (tenantId) => (tenantId === 'customer-1' ? refuse('AADSTS700016') : tokenWith(['Incident.Read.All'])),
      ['customer-0', 'customer-1'],
    );
    await run();
    assert.deepEqual([...new Set(promoted)], ['customer-0']);
    assert.ok(!recorded('revoked').has('customer-1'));
    assert.ok(!lines.some((line) => line.includes('customer-1 ')));
  });

  it('does not mark the home tenant as revoked when permissions are missing', async () => {
    const { run, recorded } = createScene((tenantId) =>
      tokenWith(tenantId === homeTenantId ? [] : ['Incident.Read.All']),
    );
    await run();
    assert.equal(recorded('revoked').size, 0);
  });
});
