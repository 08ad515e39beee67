import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Observe } from '../outbound/observation.ts';
import { type ClientCredential, createClientCredential, type IssuedToken } from './client-credential.ts';
import type { RunStep } from './credential-step.ts';
import { createIdentityAssertions } from './identity-assertion.ts';
import { openWithAssertion, openWithCertificate, openWithSecret } from './open-credential.ts';
import type { Principal } from './principal.ts';
import type { VaultCredentialConfig } from './rejection-advice.ts';
import { createVaultCredentialStore, presentedSecret, type VaultCredentialStore } from './vault-credential.ts';
import { createVaultReader } from './vault-reader.ts';

/** The application's credential, as configured. */
export interface AppCredential {
  credential: ClientCredential;
  /** The secret or certificate in Key Vault; undefined if the managed identity makes both unnecessary. */
  vault: VaultCredentialStore | undefined;
  /** The scope of the managed identity's token in the first step. */
  identityScope: string;
}

interface AppCredentialOptions {
  config: Config;
  runStep: RunStep;
  managedIdentity: TokenCredential;
  clock: Clock;
  observe: Observe;
  /** Changes when a secret in Key Vault may have a newer version. */
  getGeneration: () => Promise<string>;
}

/** Creates the credential that `DEFENDER_CREDENTIAL` selects. */
export function createAppCredential(options: AppCredentialOptions): AppCredential {
  const { config, runStep, managedIdentity, clock } = options;
  const { credential: selected, cloud, clientId } = config;
  const { authority } = cloud;
  switch (selected.kind) {
    case 'secret':
    case 'certificate':
      return createVaultCredential(options, selected);
    case 'federated': {
      const identityScope = `${cloud.tokenExchangeAudience}/.default`;
      const source = createIdentityAssertions(managedIdentity, identityScope, clock);
      const credential = createClientCredential({ runStep, authority, source, open: openWithAssertion(clientId) });
      return { credential, vault: undefined, identityScope };
    }
    case 'managedIdentity': {
      const credential = createIdentityCredential(managedIdentity, config.homeTenantId);
      return { credential, vault: undefined, identityScope: `${cloud.apis.defenderXdr.resource}/.default` };
    }
  }
}

const settings = { secret: 'DEFENDER_CLIENT_SECRET_NAME', certificate: 'DEFENDER_CERTIFICATE_NAME' };

function createVaultCredential(options: AppCredentialOptions, selected: VaultCredentialConfig): AppCredential {
  const { config, runStep, managedIdentity, clock, observe, getGeneration } = options;
  const { kind, vaultUrl } = selected;
  const { clientId } = config;
  const { authority } = config.cloud;
  const request = createVaultReader({
    runStep,
    managedIdentity,
    clock,
    observe,
    ...selected,
    setting: settings[kind],
  });
  const source = createVaultCredentialStore({ request, clock, getGeneration, lifetime: presentedSecret });
  const open = kind === 'secret' ? openWithSecret(clientId) : openWithCertificate(clientId, clock);
  const adviseOnRejection = async ({ value }: { value: string }, code: string | undefined) =>
    (await import('./rejection-advice.ts')).adviseOnRejection(selected, value, code);
  const credential = createClientCredential({ runStep, authority, source, open, adviseOnRejection });
  return { credential, vault: source, identityScope: scopeOfVault(vaultUrl) };
}

/** The resource of a vault is its domain, in the public cloud https://vault.azure.net. */
function scopeOfVault(vaultUrl: string): string {
  return `https://${new URL(vaultUrl).hostname.split('.').slice(1).join('.')}/.default`;
}

/** The managed identity as the principal: it holds the permissions and has one tenant. */
function createIdentityCredential(managedIdentity: TokenCredential, homeTenantId: string): ClientCredential {
  return {
    async requestToken(principal: Principal, scope: string): Promise<IssuedToken> {
      if (principal.kind === 'user' || principal.tenantId !== homeTenantId) {
        throw new TypeError('A managed identity has tokens for its own tenant only');
      }
      const issued = await managedIdentity.getToken(scope);
      if (issued === null) throw new TypeError('The managed identity returned no token');
      return issued;
    },
  };
}
