import { hostsOf, type NationalCloud } from './national-cloud.ts';

export const resourceNames = [
  'defenderXdr',
  'defenderForEndpoint',
  'graph',
  'keyVault',
  'tokenExchange',
  'monitor',
] as const;
export type ResourceName = (typeof resourceNames)[number];

const tokenExchange: Readonly<Record<NationalCloud, string>> = {
  public: 'api://AzureADTokenExchange',
  gcc: 'api://AzureADTokenExchange',
  gccHigh: 'api://AzureADTokenExchangeUSGov',
  dod: 'api://AzureADTokenExchangeUSGov',
};

/** The identifier URIs by which tokens for a resource are asked for; a token's `aud` is the one that was used. */
export function identifierUrisOf(resource: ResourceName, nationalCloud: NationalCloud): readonly string[] {
  const hosts = hostsOf[nationalCloud];
  switch (resource) {
    case 'defenderXdr':
      return [`https://${hosts.defenderXdr}`, 'https://security.microsoft.com/mtp'];
    case 'defenderForEndpoint':
      return [`https://${hosts.defenderForEndpoint}`, 'https://securitycenter.onmicrosoft.com/windowsatpservice'];
    case 'graph':
      return [`https://${hosts.graph}`];
    case 'keyVault':
      return [`https://${hosts.vaultDomain}`];
    case 'tokenExchange':
      return [tokenExchange[nationalCloud]];
    case 'monitor':
      return ['https://monitor.azure.com'];
  }
}

/** The resource that an identifier URI names, or undefined when no application of this cloud has it. */
export function resourceNamed(identifierUri: string, nationalCloud: NationalCloud): ResourceName | undefined {
  const wanted = withoutSlash(identifierUri);
  return resourceNames.find((name) => identifierUrisOf(name, nationalCloud).includes(wanted));
}

export function withoutSlash(uri: string): string {
  return uri.endsWith('/') ? uri.slice(0, -1) : uri;
}
