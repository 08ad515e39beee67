import type { Cloud } from './cloud.ts';
import { vaultHost } from './key-vault.ts';
import { identityHeader } from './managed-identity.ts';

/** The settings of an app that lives in a cloud, whose identity endpoint is at this origin. */
export const appSettings = ({ world }: Cloud, identityOrigin: string): Readonly<Record<string, string>> => ({
  IDENTITY_ENDPOINT: `${identityOrigin}/msi/token`,
  IDENTITY_HEADER: identityHeader,
  DEFENDER_TENANT_ID: world.home.id,
  DEFENDER_CLIENT_ID: world.application.clientId,
  KEY_VAULT_URL: `https://${vaultHost({ world }, world.vault.name)}`,
  ...(world.nationalCloud !== 'public' && { DEFENDER_CLOUD: world.nationalCloud }),
});
