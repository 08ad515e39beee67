/** The APIs that the app calls; each is a resource application of its own in Entra. */
export const apis = ['defenderXdr', 'defenderForEndpoint', 'graph'] as const;
export type Api = (typeof apis)[number];

/** Address of an API, and the resource of its tokens. */
export interface ApiAddress {
  origin: string;
  resource: string;
}

export interface Cloud {
  /** Entra's authority, without a tenant. */
  authority: string;
  /** Audience of a managed identity's token that serves as the application's federated credential. */
  tokenExchangeAudience: string;
  /** Hosts of Logic Apps and Power Automate, to which events may be delivered by default. */
  callbackHosts: readonly string[];
  apis: Record<Api, ApiAddress>;
}

export const cloudNames = ['public', 'gcc', 'gccHigh', 'dod'] as const;
export type CloudName = (typeof cloudNames)[number];

const sameOriginAndResource = (host: string): ApiAddress => ({
  origin: `https://${host}`,
  resource: `https://${host}`,
});

// In the public cloud Defender for Endpoint has the host of Defender XDR, but a resource of its own.
const endpointInPublicCloud: ApiAddress = {
  origin: 'https://api.security.microsoft.com',
  resource: 'https://api.securitycenter.microsoft.com',
};

const tokenExchange = 'api://AzureADTokenExchange';
const tokenExchangeInUsGovernment = 'api://AzureADTokenExchangeUSGov';

const commercialHosts = ['*.logic.azure.com', '*.environment.api.powerplatform.com'];

const clouds: Record<CloudName, Cloud> = {
  public: {
    authority: 'https://login.microsoftonline.com',
    tokenExchangeAudience: tokenExchange,
    callbackHosts: commercialHosts,
    apis: {
      defenderXdr: sameOriginAndResource('api.security.microsoft.com'),
      defenderForEndpoint: endpointInPublicCloud,
      graph: sameOriginAndResource('graph.microsoft.com'),
    },
  },
  gcc: {
    authority: 'https://login.microsoftonline.com',
    tokenExchangeAudience: tokenExchange,
    callbackHosts: [...commercialHosts, '*.logic.azure.us', '*.environment.api.gov.powerplatform.microsoft.us'],
    apis: {
      defenderXdr: sameOriginAndResource('api-gcc.security.microsoft.us'),
      defenderForEndpoint: sameOriginAndResource('api-gcc.securitycenter.microsoft.us'),
      graph: sameOriginAndResource('graph.microsoft.com'),
    },
  },
  gccHigh: {
    authority: 'https://login.microsoftonline.us',
    tokenExchangeAudience: tokenExchangeInUsGovernment,
    callbackHosts: ['*.logic.azure.us', '*.environment.api.high.powerplatform.microsoft.us'],
    apis: {
      defenderXdr: sameOriginAndResource('api-gov.security.microsoft.us'),
      defenderForEndpoint: sameOriginAndResource('api-gov.securitycenter.microsoft.us'),
      graph: sameOriginAndResource('graph.microsoft.us'),
    },
  },
  dod: {
    authority: 'https://login.microsoftonline.us',
    tokenExchangeAudience: tokenExchangeInUsGovernment,
    callbackHosts: ['*.logic.azure.us', '*.environment.api.appsplatform.us'],
    apis: {
      defenderXdr: sameOriginAndResource('api-gov.security.microsoft.us'),
      defenderForEndpoint: sameOriginAndResource('api-gov.securitycenter.microsoft.us'),
      graph: sameOriginAndResource('dod-graph.microsoft.us'),
    },
  },
};

/** The endpoints of a cloud. A region (public cloud only) changes API hosts, but not the resource of a token: tokens are global. */
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
