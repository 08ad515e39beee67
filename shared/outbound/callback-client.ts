import type { HttpClient } from '@azure/core-rest-pipeline';
import { createGuardedLookup } from './guarded-lookup.ts';
import { createHttpClient } from './transport.ts';

/** Many subscribers may be at one host. */
const maxSocketsPerHost = 64;

/** HTTP client for URLs that callers supply. It connects to public addresses only, except for the proxy, which has to check them itself. */
export function createCallbackClient(proxyEnvironment: Record<string, string | undefined>): HttpClient {
  const proxies = ['HTTPS_PROXY', 'https_proxy'].flatMap((name) => {
    const address = proxyEnvironment[name] ?? '';
    return URL.canParse(address) ? [new URL(address).hostname] : [];
  });
  const lookup = createGuardedLookup((hostname) => proxies.includes(hostname));
  return createHttpClient(proxyEnvironment, { lookup, maxSockets: maxSocketsPerHost });
}
