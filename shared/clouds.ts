/** The three services that tokens are asked for; each is its own resource application in Entra. */
export const apis = ['defenderXdr', 'defenderForEndpoint', 'graph'] as const;
export type Api = (typeof apis)[number];

/** Where one API is called, and the resource that its tokens are asked for. */
interface ApiAddress {
  origin: string;
  resource: string;
}

export interface Cloud {
  /** Entra's authority, without a tenant. */
  authority: string;
  /** The audience of a managed identity's token that stands for the application: workload identity federation. */
  tokenExchangeAudience: string;
  apis: Record<Api, ApiAddress>;
}

export const cloudNames = ['public', 'gcc', 'gccHigh', 'dod'] as const;
export type CloudName = (typeof cloudNames)[number];

const sameOriginAndResource = (host: string): ApiAddress => ({
  origin: `https://${host}`,
  resource: `https://${host}`,
});

// Defender for Endpoint answers on the Defender host of the public cloud, but its tokens are for its own resource.
const endpointInPublicCloud: ApiAddress = {
  origin: 'https://api.security.microsoft.com',
  resource: 'https://api.securitycenter.microsoft.com',
};

const tokenExchange = 'api://AzureADTokenExchange';
const tokenExchangeInUsGovernment = 'api://AzureADTokenExchangeUSGov';

const clouds: Record<CloudName, Cloud> = {
  public: {
    authority: 'https://login.microsoftonline.com',
    tokenExchangeAudience: tokenExchange,
    apis: {
      defenderXdr: sameOriginAndResource('api.security.microsoft.com'),
      defenderForEndpoint: endpointInPublicCloud,
      graph: sameOriginAndResource('graph.microsoft.com'),
    },
  },
  gcc: {
    authority: 'https://login.microsoftonline.com',
    tokenExchangeAudience: tokenExchange,
    apis: {
      defenderXdr: sameOriginAndResource('api-gcc.security.microsoft.us'),
      defenderForEndpoint: sameOriginAndResource('api-gcc.securitycenter.microsoft.us'),
      graph: sameOriginAndResource('graph.microsoft.com'),
    },
  },
  gccHigh: {
    authority: 'https://login.microsoftonline.us',
    tokenExchangeAudience: tokenExchangeInUsGovernment,
    apis: {
      defenderXdr: sameOriginAndResource('api-gov.security.microsoft.us'),
      defenderForEndpoint: sameOriginAndResource('api-gov.securitycenter.microsoft.us'),
      graph: sameOriginAndResource('graph.microsoft.us'),
    },
  },
  dod: {
    authority: 'https://login.microsoftonline.us',
    tokenExchangeAudience: tokenExchangeInUsGovernment,
    apis: {
      defenderXdr: sameOriginAndResource('api-gov.security.microsoft.us'),
      defenderForEndpoint: sameOriginAndResource('api-gov.securitycenter.microsoft.us'),
      graph: sameOriginAndResource('dod-graph.microsoft.us'),
    },
  },
};

/**
 * The endpoints of a cloud. A region (public cloud only) changes the host that is called, never the resource of the token:
 * tokens are global.
 */
export function cloudEndpoints(name: CloudName, region: string | undefined): Cloud {
  const cloud = clouds[name];
  if (region === undefined) return cloud;
  const regional = (address: ApiAddress): ApiAddress => ({
    ...address,
    origin: address.origin.replace('https://', `https://${region}.`),
  });
  return {
    ...cloud,
    apis: {
      ...cloud.apis,
      defenderXdr: regional(cloud.apis.defenderXdr),
      defenderForEndpoint: regional(cloud.apis.defenderForEndpoint),
    },
  };
}
