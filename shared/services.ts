import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Automation } from './automation-services.ts';
import type { CallerGrants } from './callers/caller-grants.ts';
import { type CanOwnerActIn, createOwnerAccess } from './callers/owner-access.ts';
import type { Clock } from './clock.ts';
import { type Config, type Environment, parseConfig } from './config.ts';
import { granteeOf } from './defender/authorization-error.ts';
import type { CallContext } from './defender/client.ts';
import { createDefender, type Defender } from './defender/defender.ts';
import { ConfigError } from './errors.ts';
import type { CleanupStep } from './health/clean-up.ts';
import type { IdempotencyStore } from './idempotency/idempotency-store.ts';
import { lazy, lazyObject } from './lazy.ts';
import type { Observe } from './outbound/observation.ts';
import { createHttpClient, createTransport } from './outbound/transport.ts';
import { createGenerations, type Topic } from './storage/generations.ts';
import { createStorage } from './storage/storage.ts';
import { storageSetting } from './storage-account.ts';
import type { OnboardedTenants } from './tenants/onboarded-tenants.ts';
import type { Onboarding } from './tenants/onboarding.ts';
import { createTenants, type Tenants } from './tenants/tenants.ts';
import type { AccessTokenValidator } from './tokens/access-token-validator.ts';
import { type AppCredential, createAppCredential } from './tokens/app-credential.ts';
import { createStepRunner } from './tokens/credential-step.ts';
import { createManagedIdentity } from './tokens/managed-identity.ts';
import { createSigningSecret, type SigningSecret } from './tokens/signing-secret.ts';
import type { StateProtection } from './tokens/state-protection.ts';
import { createTenantDirectory, createTenantResolver } from './tokens/tenant-directory.ts';
import type { TenantOutcome } from './tokens/tenant-outcome.ts';
import { createTokenProvider, type TokenProvider } from './tokens/token-provider.ts';
import { createVaultCredentialStore } from './tokens/vault-credential.ts';
import { createVaultReader } from './tokens/vault-reader.ts';

/** All that the app depends on from outside: nothing below this file touches the network, the clock or the environment. */
export interface Platform {
  httpClient: HttpClient;
  /** Sends to addresses that callers have given. */
  callbackClient: HttpClient;
  clock: Clock;
  environment: Environment;
  /** From 0 up to, not including, 1. */
  random: () => number;
  observe: Observe;
}

export interface Services {
  config: Config;
  clock: Clock;
  observe: Observe;
  tenants: Tenants;
  onboarding: Onboarding;
  /**
   * The memory of calls that bear an `Idempotency-Key`, loaded with the first of them.
   * @throws {ConfigError} without storage.
   */
  openIdempotencyStore(): Promise<IdempotencyStore>;
  /**
   * What runs by itself, loaded with its first use.
   * @throws {ConfigError} without storage.
   */
  openAutomation(): Promise<Automation>;
  /** Steps that remove expired data from storage; none without storage. */
  listCleanupSteps(): Promise<readonly CleanupStep[]>;
  /** Records how a call of the application in a tenant went. */
  recordOutcome(outcome: TenantOutcome): void;
  tokens: TokenProvider;
  canOwnerActIn: CanOwnerActIn;
  /** @throws {ConfigError} without storage. */
  requireCallerGrants(): CallerGrants;
  /** Validates the access tokens of callers. */
  accessTokens: AccessTokenValidator;
  appCredential: AppCredential;
  /** The secret with which commands are signed; undefined where none are taken. */
  webhookSecret: SigningSecret | undefined;
  stateProtection: StateProtection;
  /** Makes every instance load again what it keeps of a topic, within a minute. @throws {UpstreamError} of `storage`. */
  raiseGeneration(topic: Topic): Promise<void>;
  managedIdentity: TokenCredential;
  /** Defender as one principal in one tenant. */
  openDefender(context: CallContext): Defender;
}

const openCallbackClient = lazy(async () => {
  const { createCallbackClient } = await import('./outbound/callback-client.ts');
  return createCallbackClient(process.env);
});

/** The platform in production: Node.js, its clock, its network and the environment of the process. */
export const nodePlatform: Omit<Platform, 'observe'> = {
  httpClient: createHttpClient(process.env),
  callbackClient: {
    sendRequest: async (request) => (await openCallbackClient()).sendRequest(request),
  },
  clock: {
    now: Date.now,
    startTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  },
  environment: process.env,
  random: Math.random,
};

/**
 * Wires the app together: the only place that knows who depends on whom.
 * @throws {ConfigError} when settings are missing or wrong.
 */
export function createServices(world: Platform): Services {
  const { httpClient, callbackClient, clock, random, observe } = world;
  const config = parseConfig(world.environment);
  const { cloud, clientId, homeTenantId } = config;

  const runStep = createStepRunner({ httpClient, clock, random });
  const managedIdentity = createManagedIdentity({
    runStep,
    clientId: config.managedIdentityClientId,
    isAvailable: config.hasIdentityEndpoint,
  });
  const storage = createStorage(config, { httpClient, clock, random }, (clientId) =>
    createManagedIdentity({ runStep, clientId, isAvailable: config.hasIdentityEndpoint }),
  );
  const generations = createGenerations(() => storage?.openTable('defendergenerations'), clock);
  const getGeneration = () => generations.get('credentials');
  const appCredential = createAppCredential({ config, runStep, managedIdentity, clock, observe, getGeneration });
  const { credential } = appCredential;
  const vaultParts = { runStep, managedIdentity, kind: 'secret' as const, clock, observe };
  const webhookSecret =
    config.webhookSecret &&
    createSigningSecret(
      createVaultCredentialStore({
        request: createVaultReader({ ...vaultParts, ...config.webhookSecret, setting: 'WEBHOOK_SECRET_NAME' }),
        clock,
        getGeneration,
        failurePauseMs: 30_000,
      }),
      clock,
    );
  const stateProtection = lazyObject<StateProtection>(async () => {
    const { createStateProtection } = await import('./tokens/state-protection.ts');
    const { stateKey } = config;
    if (stateKey === undefined) return createStateProtection(undefined);
    const { createStateKeys } = await import('./tokens/state-key.ts');
    const request = createVaultReader({ ...vaultParts, ...stateKey, setting: 'STATE_KEY_NAME' });
    return createStateProtection(createStateKeys({ name: stateKey.name, request, clock, getGeneration }));
  });
  const tokens = createTokenProvider({ clock, credential, resourceOf: (api) => cloud.apis[api].resource, observe });
  const callerGrants =
    storage &&
    lazyObject<CallerGrants>(async () => {
      const { createCallerGrants } = await import('./callers/caller-grants.ts');
      return createCallerGrants(storage.openTable('defendercallers'), generations, clock);
    });
  const { callerAuthentication } = config;
  const canOwnerActIn = createOwnerAccess({ callerAuthentication, homeTenantId, grants: callerGrants });
  const accessTokens = lazyObject<AccessTokenValidator>(async () => {
    const { createAccessTokenValidator } = await import('./tokens/access-token-validator.ts');
    const { createSigningKeys } = await import('./tokens/signing-keys.ts');
    const { authority } = cloud;
    const keys = createSigningKeys({ runStep, authority, clock });
    return createAccessTokenValidator({ clientId, appIdUris: config.appIdUris, homeTenantId, authority, keys, clock });
  });
  const requestTenantId = createTenantResolver(runStep, cloud.authority);
  // A managed identity's own permissions end at its tenant.
  const configuredTenants = config.credential.kind === 'managedIdentity' ? [] : config.configuredTenants;
  const requireStorage = () => storage ?? raiseNoStorage();
  // A managed identity's own permissions end at the home tenant: there is no other one to keep.
  const tenantTable = config.credential.kind === 'managedIdentity' ? undefined : storage?.openTable('defendertenants');
  const findTable = () => tenantTable;
  const requireTable = () => tenantTable ?? raiseNoStorage();
  const openTenantHealth = lazy(async () => {
    const { createTenantHealthStore } = await import('./tenants/tenant-health.ts');
    return createTenantHealthStore(findTable, clock);
  });
  const recordOutcome = (outcome: TenantOutcome): void => {
    openTenantHealth().then(
      (tenantHealth) => tenantHealth.record(outcome),
      () => {},
    );
  };
  const forgetTenant = (tenantId: string): void => {
    tokens.forgetTenant(tenantId);
    openTenantHealth().then(
      (tenantHealth) => tenantHealth.forget(tenantId),
      () => {},
    );
  };
  const onboarded = lazyObject<OnboardedTenants>(async () => {
    const { createOnboardedTenants } = await import('./tenants/onboarded-tenants.ts');
    return createOnboardedTenants({ findTable, requireTable, generations, onChange: forgetTenant, clock });
  });
  const pinDomain = lazy(async () => (await import('./tenants/domain-pins.ts')).createDomainPins(findTable));
  const directory = createTenantDirectory({
    homeTenantId,
    configuredTenants,
    requestTenantId,
    pinDomain: async (...domain) => (await pinDomain())(...domain),
    clock,
  });
  const onboarding = lazyObject<Onboarding>(async () => {
    const { createOnboarding } = await import('./tenants/onboarding.ts');
    const tenantHealth = await openTenantHealth();
    return createOnboarding({ directory, onboarded, tenantHealth, requireTable, requestTenantId, forgetTenant, clock });
  });
  const readTenantHealth = async () => (await openTenantHealth()).read();

  const { upstreamTimeoutMs } = config;
  const defenderWorld = {
    send: createTransport(httpClient),
    tokens,
    clock,
    random,
    cloud,
    clientId,
    grantee: granteeOf(config),
    upstreamTimeoutMs,
    observe,
    recordOutcome,
  };
  const tenants = createTenants(directory, onboarded, { read: readTenantHealth });
  const openDefender = (context: CallContext) => createDefender(defenderWorld, config, context);
  const openAutomation = lazy(async () => {
    const { createAutomation } = await import('./automation-services.ts');
    const storage = requireStorage();
    const shared = { config, clock, random, observe, stateProtection, generations };
    return createAutomation({ ...shared, storage, tenants, callbackClient, openDefender });
  });
  async function openIdempotencyStore() {
    const { createIdempotencyStore } = await import('./idempotency/idempotency-store.ts');
    const table = requireStorage().openTable('defenderwrites');
    return createIdempotencyStore({ table, clock, protection: stateProtection });
  }
  async function listCleanupSteps() {
    if (storage === undefined) return [];
    const invitations = { name: 'invitations', run: onboarding.removeExpired };
    const responses = { name: 'stored responses', run: (await openIdempotencyStore()).removeOld };
    const { cleanupSteps } = await openAutomation();
    return [...(tenantTable === undefined ? [] : [invitations]), responses, ...cleanupSteps];
  }
  return {
    config,
    clock,
    observe,
    tenants,
    onboarding,
    openIdempotencyStore,
    openAutomation,
    listCleanupSteps,
    recordOutcome,
    tokens,
    accessTokens,
    canOwnerActIn,
    requireCallerGrants: () => callerGrants ?? raiseNoStorage(),
    appCredential,
    webhookSecret,
    stateProtection,
    raiseGeneration: generations.raise,
    managedIdentity,
    openDefender,
  };
}

function raiseNoStorage(): never {
  const detail = 'is required for this operation';
  throw new ConfigError([{ in: 'setting', name: storageSetting, detail }]);
}

/** The services, made when they are first asked for. Settings cannot change while the app runs: what is wrong with them stays. */
export function openServicesOnce(world: Platform): () => Services {
  let open = (): Services => {
    try {
      const services = createServices(world);
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
