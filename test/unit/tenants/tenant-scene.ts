import assert from 'node:assert/strict';
import { UpstreamError } from '../../../shared/errors.ts';
import { createGenerations } from '../../../shared/storage/generations.ts';
import { createDomainPins } from '../../../shared/tenants/domain-pins.ts';
import { createOnboardedTenants } from '../../../shared/tenants/onboarded-tenants.ts';
import { createOnboarding } from '../../../shared/tenants/onboarding.ts';
import { createTenantHealthStore } from '../../../shared/tenants/tenant-health.ts';
import { createTenants } from '../../../shared/tenants/tenants.ts';
import { createTenantDirectory } from '../../../shared/tokens/tenant-directory.ts';
import { createFakeClock } from '../fake-clock.ts';
import { homeTenantId } from '../settings.ts';
import { createFakeTable } from '../storage/fake-table.ts';

export const configuredId = 'aaaaaaaa-2222-4333-8444-555555555555';
export const customerId = 'bbbbbbbb-2222-4333-8444-555555555555';
export const otherId = 'cccccccc-2222-4333-8444-555555555555';
/** The tenants of verified domains. */
export const domains: Record<string, string> = { 'fabrikam.com': customerId, 'configured.com': configuredId };

/** An instance that serves the configured tenants and those onboarded in the table. */
export function createScene(configuredTenants = [configuredId], clock = createFakeClock(), table = createFakeTable()) {
  const exists = new Set([homeTenantId, configuredId, customerId, otherId]);
  const unresolvable = new Set<string>();
  const requestTenantId = async (name: string) => {
    if (unresolvable.has(name)) throw new UpstreamError('Entra is down.', { service: 'entra', failure: 'timeout' });
    return domains[name] ?? (exists.has(name) ? name : undefined);
  };
  const open = () => table;
  const directory = createTenantDirectory({
    homeTenantId,
    configuredTenants,
    requestTenantId,
    pinDomain: createDomainPins(open),
    clock,
  });
  const forgotten: string[] = [];
  const forgetTenant = (tenantId: string) => forgotten.push(tenantId);
  const generations = createGenerations(open, clock);
  const parts = { findTable: open, requireTable: open, generations, onChange: () => {}, clock };
  const onboarded = createOnboardedTenants(parts);
  const tenantHealth = createTenantHealthStore(open, clock);
  const onboarding = createOnboarding({
    directory,
    onboarded,
    tenantHealth,
    requireTable: open,
    requestTenantId,
    forgetTenant,
    clock,
  });
  const tenants = createTenants(directory, onboarded, tenantHealth);
  async function invite(tenant = customerId): Promise<string> {
    return (await onboarding.invite(tenant))?.state ?? assert.fail('There is no state');
  }
  const consent = (state: string | undefined, tenantId: string | undefined = customerId) =>
    onboarding.complete({ state, tenantId, isGranted: true, isRefused: false });
  const decline = (state: string, tenantId?: string) =>
    onboarding.complete({ state, tenantId, isGranted: false, isRefused: true });
  const stateOf = async (id: string) => (await tenants.listTenants()).find(({ tenantId }) => tenantId === id)?.state;
  return {
    clock,
    table,
    unresolvable,
    tenantHealth,
    onboarding,
    tenants,
    forgotten,
    invite,
    consent,
    decline,
    stateOf,
  };
}
