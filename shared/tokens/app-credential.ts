import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Observe } from '../outbound/observation.ts';
import { type ClientCredential, createClientCredential, type IssuedToken } from './client-credential.ts';
import type { RunStep } from './credential-step.ts';
import { createIdentityAssertions } from './identity-assertion.ts';
import { openWithAssertion, openWithCertificate, openWithSecret } from './open-credential.ts';
import type { Principal } from './principal.ts';
import { createVaultCredentialStore, type VaultCredentialStore } from './vault-credential.ts';
import { createVaultReader } from './vault-reader.ts';

/** The application as the settings say that it proves itself. */
export interface AppCredential {
  credential: ClientCredential;
  /** Where its secret or certificate comes from; undefined when the managed identity makes both needless. */
  vault: VaultCredentialStore | undefined;
  /** What the managed identity is asked for first. */
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

/** Makes the client credential that `DEFENDER_CREDENTIAL` names. */
export function createAppCredential(options: AppCredentialOptions): AppCredential {
  const { config, runStep, managedIdentity, clock, observe, getGeneration } = options;
  const { credential: kept, cloud, clientId } = config;
  const { authority } = cloud;
  switch (kept.kind) {
    case 'secret':
    case 'certificate': {
      const { kind, vaultUrl, name } = kept;
      const request = createVaultReader({ runStep, managedIdentity, vaultUrl, name, kind, clock, observe });
      const source = createVaultCredentialStore({ request, clock, getGeneration });
      const open = kind === 'secret' ? openWithSecret(clientId) : openWithCertificate(clientId, clock);
      const credential = createClientCredential({ runStep, authority, source, open });
      return { credential, vault: source, identityScope: scopeOfVault(vaultUrl) };
    }
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

/** The resource of a vault is its domain: https://vault.azure.net in the public cloud. */
function scopeOfVault(vaultUrl: string): string {
  return `https://${new URL(vaultUrl).hostname.split('.').slice(1).join('.')}/.default`;
}

/** The managed identity holds the permissions itself: it is the principal, and it has one tenant. */
function createIdentityCredential(managedIdentity: TokenCredential, homeTenantId: string): ClientCredential {
  return {
    async requestToken(principal: Principal, scope: string): Promise<IssuedToken> {
      if (principal.kind === 'user' || principal.tenantId !== homeTenantId) {
        throw new TypeError('A managed identity has tokens for its own tenant only');
      }
      const issued = await managedIdentity.getToken(scope);
      if (issued === null) throw new TypeError('The managed identity gave no token');
      return issued;
    },
  };
}
