import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { lazy, lazyObject } from './lazy.ts';
import type { Generations } from './storage/generations.ts';
import type { Table } from './storage/tables.ts';
import type { OnboardedTenants } from './tenants/onboarded-tenants.ts';
import type { Onboarding } from './tenants/onboarding.ts';
import { createTenants, type Tenants } from './tenants/tenants.ts';
import { createTenantDirectory } from './tokens/tenant-directory.ts';
import type { TenantOutcome } from './tokens/tenant-outcome.ts';

interface TenantServicesOptions {
  config: Config;
  clock: Clock;
  /** Undefined without storage. */
  table: Table | undefined;
  /** @throws {ConfigError} without storage. */
  requireTable(): Table;
  generations: Generations;
  requestTenantId(idOrDomain: string): Promise<string | undefined>;
  forgetTokens(tenantId: string): void;
}

/** The tenants that the app serves. */
interface TenantServices {
  tenants: Tenants;
  onboarding: Onboarding;
  /** Records the outcome of a call of the application in a tenant. */
  recordOutcome(outcome: TenantOutcome): void;
}

export function createTenantServices(options: TenantServicesOptions): TenantServices {
  const { config, clock, table, requireTable, generations, requestTenantId, forgetTokens } = options;
  const { homeTenantId } = config;
  const findTable = () => table;
  const openHealth = lazy(async () => {
    const { createTenantHealthStore } = await import('./tenants/tenant-health.ts');
    return createTenantHealthStore(findTable, clock);
  });
  const forgetTenant = (tenantId: string): void => {
    forgetTokens(tenantId);
    openHealth().then((health) => health.forget(tenantId), ignore);
  };
  const onboarded = lazyObject<OnboardedTenants>(async () => {
    const { createOnboardedTenants } = await import('./tenants/onboarded-tenants.ts');
    return createOnboardedTenants({ findTable, requireTable, generations, onChange: forgetTenant, clock });
  });
  const openPins = lazy(async () => (await import('./tenants/domain-pins.ts')).createDomainPins(findTable));
  const directory = createTenantDirectory({
    homeTenantId,
    // A managed identity has permissions in its own tenant only.
    configuredTenants: config.credential.kind === 'managedIdentity' ? [] : config.configuredTenants,
    requestTenantId,
    pinDomain: async (...domain) => (await openPins())(...domain),
    clock,
  });
  return {
    tenants: createTenants(directory, onboarded, { read: async () => (await openHealth()).read() }),
    onboarding: lazyObject<Onboarding>(async () => {
      const { createOnboarding } = await import('./tenants/onboarding.ts');
      const tenantHealth = await openHealth();
      const parts = { directory, onboarded, tenantHealth, requireTable, requestTenantId, forgetTenant, clock };
      return createOnboarding(parts);
    }),
    recordOutcome(outcome) {
      openHealth().then((health) => health.record(outcome), ignore);
    },
  };
}

/** The code could not be loaded: the next call tries again. */
const ignore = (): void => {};
