import type { Api } from '../clouds.ts';
import type { Config } from '../config.ts';

const apiNames: Record<Api, string> = {
  defenderXdr: 'Microsoft Threat Protection',
  defenderForEndpoint: 'WindowsDefenderATP',
  graph: 'Microsoft Graph',
};

/** Who has the permissions that Defender is asked with: the application, or the managed identity itself. */
export type Grantee = 'application' | 'managedIdentity';

export const granteeOf = ({ credential }: Pick<Config, 'credential'>): Grantee =>
  credential.kind === 'managedIdentity' ? 'managedIdentity' : 'application';

/** What an administrator does to grant a permission of an API. */
export function describeGrant(grantee: Grantee, type: 'application' | 'delegated', name: string, api: Api): string {
  return grantee === 'application'
    ? `Add the ${type} permission ${name} of "${apiNames[api]}" to the application and grant admin consent; the next call sees it.`
    : `Assign the app role ${name} of "${apiNames[api]}" to the managed identity. The platform keeps an identity's tokens: it may take a day until the role is in them.`;
}
