import { ManagedIdentityApplication } from '@azure/msal-node';

/** Empties MSAL's cache of the tokens of managed identities, which is one for the process: a new instance of the app has none. */
export function forgetIdentityTokens(): void {
  const storage: { setCache(cache: object): void } | undefined = Reflect.get(ManagedIdentityApplication, 'nodeStorage');
  storage?.setCache({});
}
