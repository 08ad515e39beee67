import type { TokenCredential } from '@azure/core-auth';
import type { Config } from './config.ts';
import { lazy, lazyObject } from './lazy.ts';
import type { Platform } from './platform.ts';
import type { AccessTokenValidator } from './tokens/access-token-validator.ts';
import { type AppCredential, createAppCredential } from './tokens/app-credential.ts';
import { createStepRunner } from './tokens/credential-step.ts';
import { createManagedIdentity } from './tokens/managed-identity.ts';
import type { SigningSecret } from './tokens/signing-secret.ts';
import type { StateProtection } from './tokens/state-protection.ts';
import { createTokenProvider, type TokenProvider } from './tokens/token-provider.ts';
import { createVaultCredentialStore } from './tokens/vault-credential.ts';
import { createVaultReader } from './tokens/vault-reader.ts';

/** Identities, tokens and secrets. */
export interface TokenServices {
  managedIdentity: TokenCredential;
  /** A user-assigned managed identity, or the system-assigned one. */
  openIdentity(clientId: string | undefined): TokenCredential;
  appCredential: AppCredential;
  tokens: TokenProvider;
  /** Validates the access tokens of callers. */
  accessTokens: AccessTokenValidator;
  /** The secret with which commands are signed; undefined if signed commands are disabled. */
  webhookSecret: SigningSecret | undefined;
  stateProtection: StateProtection;
  /** The id of the tenant with a verified domain, or of an id that exists; undefined if no tenant has it. */
  requestTenantId(idOrDomain: string): Promise<string | undefined>;
}

/** @param getGeneration changes when a secret in Key Vault may have a newer version. */
export function createTokenServices(
  config: Config,
  platform: Platform,
  getGeneration: () => Promise<string>,
): TokenServices {
  const { clock, observe } = platform;
  const { clientId, appIdUris, homeTenantId, cloud, hasIdentityEndpoint } = config;
  const { authority, apis } = cloud;
  const runStep = createStepRunner(platform);
  const openIdentity = (identityClientId: string | undefined) =>
    createManagedIdentity({ runStep, clientId: identityClientId, isAvailable: hasIdentityEndpoint });
  const managedIdentity = openIdentity(config.managedIdentityClientId);
  const appCredential = createAppCredential({ config, runStep, managedIdentity, clock, observe, getGeneration });
  const openResolver = lazy(async () => {
    const { createTenantResolver } = await import('./tokens/tenant-resolver.ts');
    return createTenantResolver(runStep, authority);
  });
  const readSecret = (secret: { vaultUrl: string; name: string }, setting: string) =>
    createVaultReader({ runStep, managedIdentity, kind: 'secret', clock, observe, ...secret, setting });

  return {
    managedIdentity,
    openIdentity,
    appCredential,
    tokens: createTokenProvider({
      clock,
      credential: appCredential.credential,
      resourceOf: (api) => apis[api].resource,
      observe,
    }),
    accessTokens: lazyObject<AccessTokenValidator>(async () => {
      const { createAccessTokenValidator } = await import('./tokens/access-token-validator.ts');
      const { createSigningKeys } = await import('./tokens/signing-keys.ts');
      const keys = createSigningKeys({ runStep, authority, clock });
      return createAccessTokenValidator({ clientId, appIdUris, homeTenantId, authority, keys, clock });
    }),
    webhookSecret: openWebhookSecret(),
    stateProtection: lazyObject<StateProtection>(async () => {
      const { createStateProtection } = await import('./tokens/state-protection.ts');
      const { stateKey } = config;
      if (stateKey === undefined) return createStateProtection(undefined);
      const { createStateKeys } = await import('./tokens/state-key.ts');
      const request = readSecret(stateKey, 'STATE_KEY_NAME');
      return createStateProtection(createStateKeys({ name: stateKey.name, request, clock, getGeneration }));
    }),
    requestTenantId: async (idOrDomain) => (await openResolver())(idOrDomain),
  };

  function openWebhookSecret(): SigningSecret | undefined {
    const { webhookSecret } = config;
    if (webhookSecret === undefined) return undefined;
    return lazyObject<SigningSecret>(async () => {
      const { createSigningSecret } = await import('./tokens/signing-secret.ts');
      const request = readSecret(webhookSecret, 'WEBHOOK_SECRET_NAME');
      // Anyone can send commands, which must not make the app read Key Vault at each of them.
      const failurePauseMs = 30_000;
      return createSigningSecret(createVaultCredentialStore({ request, clock, getGeneration, failurePauseMs }), clock);
    });
  }
}
