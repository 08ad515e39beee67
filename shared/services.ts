import type { Automation } from './automation-services.ts';
import type { CallerGrants } from './callers/caller-grants.ts';
import { type CanOwnerActIn, createOwnerAccess } from './callers/owner-access.ts';
import type { Clock } from './clock.ts';
import { type Config, parseConfig } from './config.ts';
import type { CallContext } from './defender/client.ts';
import { createDefender, type Defender } from './defender/defender.ts';
import { granteeOf } from './defender/permissions.ts';
import { ConfigError } from './errors.ts';
import type { CleanupStep } from './health/run-clean-up.ts';
import type { IdempotencyStore } from './idempotency/idempotency-store.ts';
import { lazy, lazyObject } from './lazy.ts';
import { createSafeObserve, type Observe } from './outbound/observation.ts';
import { createTransport } from './outbound/transport.ts';
import type { Platform } from './platform.ts';
import { createGenerations, type Topic } from './storage/generations.ts';
import { createStorage } from './storage/storage.ts';
import { storageSetting } from './storage-account.ts';
import { createTenantServices } from './tenant-services.ts';
import type { Onboarding } from './tenants/onboarding.ts';
import type { Tenants } from './tenants/tenants.ts';
import { createTokenServices, type TokenServices } from './token-services.ts';
import type { TenantOutcome } from './tokens/tenant-outcome.ts';

export interface Services extends Omit<TokenServices, 'openIdentity' | 'requestTenantId'> {
  config: Config;
  clock: Clock;
  observe: Observe;
  tenants: Tenants;
  onboarding: Onboarding;
  /** @throws {ConfigError} without storage. */
  openIdempotencyStore(): Promise<IdempotencyStore>;
  /** @throws {ConfigError} without storage. */
  openAutomation(): Promise<Automation>;
  /** Steps that remove expired data from storage; none without storage. */
  listCleanupSteps(): Promise<readonly CleanupStep[]>;
  /** Records the outcome of a call of the application in a tenant. */
  recordOutcome(outcome: TenantOutcome): void;
  canOwnerActIn: CanOwnerActIn;
  /** @throws {ConfigError} without storage. */
  requireCallerGrants(): CallerGrants;
  /** Makes every instance load again what it keeps of a topic, within a minute. @throws {UpstreamError} of `storage`. */
  raiseGeneration(topic: Topic): Promise<void>;
  /** Defender, bound to one principal in one tenant. */
  openDefender(context: CallContext): Defender;
}

/**
 * The composition root.
 * @throws {ConfigError} if settings are missing or invalid.
 */
export function createServices(platform: Platform): Services {
  const { httpClient, callbackClient, clock, random } = platform;
  const observe = createSafeObserve(platform.observe);
  const config = parseConfig(platform.environment);
  const { openIdentity, requestTenantId, ...tokenServices } = createTokenServices(
    config,
    { ...platform, observe },
    () => generations.get('credentials'),
  );
  const { tokens, stateProtection } = tokenServices;
  const storage = createStorage(config, platform, openIdentity);
  const generations = createGenerations(() => storage?.openTable('defendergenerations'), clock);
  const callerGrants =
    storage &&
    lazyObject<CallerGrants>(async () => {
      const { createCallerGrants } = await import('./callers/caller-grants.ts');
      return createCallerGrants(storage.openTable('defendercallers'), generations, clock);
    });
  // A managed identity has permissions in its own tenant only: there are no others to store.
  const tenantTable = config.credential.kind === 'managedIdentity' ? undefined : storage?.openTable('defendertenants');
  const { tenants, onboarding, recordOutcome } = createTenantServices({
    config,
    clock,
    table: tenantTable,
    requireTable: () => tenantTable ?? raiseNoStorage(),
    generations,
    requestTenantId,
    forgetTokens: tokens.forgetTenant,
  });
  const { cloud, clientId, upstreamTimeoutMs } = config;
  const defenderParts = { cloud, clientId, upstreamTimeoutMs, tokens, clock, random, observe, recordOutcome };
  const defenderDependencies = { ...defenderParts, send: createTransport(httpClient), grantee: granteeOf(config) };
  const openDefender = (context: CallContext) => createDefender(defenderDependencies, config, context);

  const canOwnerActIn = createOwnerAccess({ ...config, grants: callerGrants });
  const openIdempotencyStore = lazy(async () => {
    const { createIdempotencyStore } = await import('./idempotency/idempotency-store.ts');
    const table = (storage ?? raiseNoStorage()).openTable('defenderwrites');
    return createIdempotencyStore({ table, clock, protection: stateProtection });
  });
  const openAutomation = lazy(async () => {
    const { createAutomation } = await import('./automation-services.ts');
    const shared = { config, clock, random, observe, stateProtection, generations, canOwnerActIn };
    return createAutomation({ ...shared, storage: storage ?? raiseNoStorage(), tenants, callbackClient, openDefender });
  });
  return {
    ...tokenServices,
    config,
    clock,
    observe,
    tenants,
    onboarding,
    openIdempotencyStore,
    openAutomation,
    async listCleanupSteps() {
      if (storage === undefined) return [];
      const invitations = { name: 'invitations', run: onboarding.removeExpired };
      const responses = { name: 'stored responses', run: (await openIdempotencyStore()).removeOld };
      const { cleanupSteps } = await openAutomation();
      return [...(tenantTable === undefined ? [] : [invitations]), responses, ...cleanupSteps];
    },
    recordOutcome,
    canOwnerActIn,
    requireCallerGrants: () => callerGrants ?? raiseNoStorage(),
    raiseGeneration: generations.raise,
    openDefender,
  };
}

function raiseNoStorage(): never {
  const detail = 'is required for this operation';
  throw new ConfigError([{ in: 'setting', name: storageSetting, detail }]);
}

/** The services, created at the first call. Invalid settings fail every call: they cannot change while the app runs. */
export function openServicesOnce(platform: Platform): () => Services {
  let open = (): Services => {
    try {
      const services = createServices(platform);
      open = () => services;
    } catch (error) {
      open = () => {
        throw error;
      };
    }
    return open();
  };
  return () => open();
}
