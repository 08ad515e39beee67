import type { HttpClient } from '@azure/core-rest-pipeline';
import { createGuardedLookup } from './guarded-lookup.ts';
import { createHttpClient } from './transport.ts';

/** Calls addresses that callers have given us: where it connects itself, to public ones only. */
export function createCallbackClient(proxyEnvironment: Record<string, string | undefined>): HttpClient {
  const proxies = ['HTTPS_PROXY', 'https_proxy'].flatMap((name) => {
    const address = proxyEnvironment[name] ?? '';
    return URL.canParse(address) ? [new URL(address).hostname] : [];
  });
  return createHttpClient(
    proxyEnvironment,
    createGuardedLookup((hostname) => proxies.includes(hostname)),
  );
}
