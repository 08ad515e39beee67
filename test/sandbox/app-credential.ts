import type { Cloud } from './cloud.ts';

/** The ways in which the app can prove who it is, as its settings name them. */
export const credentialKinds = ['secret', 'certificate', 'federated', 'managedIdentity'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** Arranges a cloud for a credential, as an administrator would, and gives the settings by which the app uses it. */
export async function arrangeCredential(
  { administrator, world }: Cloud,
  kind: CredentialKind,
): Promise<Record<string, string>> {
  const settings = { DEFENDER_CREDENTIAL: kind };
  switch (kind) {
    case 'secret':
      return settings;
    case 'certificate':
      await administrator.rotateCertificate();
      return settings;
    case 'federated':
      administrator.federate();
      return { ...settings, AZURE_CLIENT_ID: world.userAssignedIdentity.clientId, KEY_VAULT_URL: '' };
    case 'managedIdentity':
      administrator.grantIdentity(world.systemAssignedIdentity);
      return { ...settings, KEY_VAULT_URL: '' };
  }
}
