export type NationalCloud = 'public' | 'gcc' | 'gccHigh' | 'dod';

export interface CloudHosts {
  readonly login: string;
  readonly vaultDomain: string;
  readonly defenderXdr: string;
  readonly defenderForEndpoint: string;
  readonly graph: string;
}

const usGovernment = { login: 'login.microsoftonline.us', vaultDomain: 'vault.usgovcloudapi.net' };

export const hostsOf: Readonly<Record<NationalCloud, CloudHosts>> = {
  public: {
    login: 'login.microsoftonline.com',
    vaultDomain: 'vault.azure.net',
    defenderXdr: 'api.security.microsoft.com',
    defenderForEndpoint: 'api.securitycenter.microsoft.com',
    graph: 'graph.microsoft.com',
  },
  gcc: {
    login: 'login.microsoftonline.com',
    vaultDomain: 'vault.azure.net',
    defenderXdr: 'api-gcc.security.microsoft.us',
    defenderForEndpoint: 'api-gcc.securitycenter.microsoft.us',
    graph: 'graph.microsoft.com',
  },
  gccHigh: {
    ...usGovernment,
    defenderXdr: 'api-gov.security.microsoft.us',
    defenderForEndpoint: 'api-gov.securitycenter.microsoft.us',
    graph: 'graph.microsoft.us',
  },
  dod: {
    ...usGovernment,
    defenderXdr: 'api-gov.security.microsoft.us',
    defenderForEndpoint: 'api-gov.securitycenter.microsoft.us',
    graph: 'dod-graph.microsoft.us',
  },
};

export const serviceNames = [
  'managedIdentity',
  'keyVault',
  'entra',
  'defenderXdr',
  'defenderForEndpoint',
  'graph',
  'webhookReceiver',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Defender for Endpoint answers on the host of Defender XDR too, where its older host is not called. */
const endpointPath = /^\/api\/(?:machines|machineactions|indicators)(?:\/|$)/i;

const regionalDefenderXdr =
  /^(?:(?:us|eu|uk|au|swa|ina|aea)\.api\.security\.microsoft\.com|api-(?:us|eu|uk)\.security\.microsoft\.com)$/;

/**
 * The service that answers at an address, or undefined when nothing does. A cloud has the hosts of its own national cloud;
 * only the authorities are all there, to say that a tenant is elsewhere.
 */
export function serviceAt({ hostname, pathname }: URL, nationalCloud: NationalCloud): ServiceName | undefined {
  if (hostname === '127.0.0.1' || hostname === 'localhost') {
    return pathname === '/msi/token' ? 'managedIdentity' : undefined;
  }
  if (hostname === 'login.windows.net' || Object.values(hostsOf).some(({ login }) => login === hostname))
    return 'entra';
  // Every Logic App of the world; none of them is part of a national cloud here.
  if (hostname.endsWith('.logic.azure.com')) return 'webhookReceiver';
  const hosts = hostsOf[nationalCloud];
  if (hostname === hosts.graph) return 'graph';
  if (hostname.endsWith(`.${hosts.vaultDomain}`)) return 'keyVault';
  const isRegional = nationalCloud === 'public' && regionalDefenderXdr.test(hostname);
  if (hostname === hosts.defenderForEndpoint) return 'defenderForEndpoint';
  if (!isRegional && hostname !== hosts.defenderXdr) return undefined;
  return nationalCloud === 'public' && endpointPath.test(pathname) ? 'defenderForEndpoint' : 'defenderXdr';
}
