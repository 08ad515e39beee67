import type { Cloud } from '../clouds.ts';

/** What brings an administrator back to this app, to be told what happened. */
interface Return {
  /** Random: comes back with the administrator. */
  state: string;
  /** Has to be registered with the application. */
  redirectUri: string;
}

/** Where an administrator of `tenantId` consents to what the application asks for. */
export function createConsentUrl({ authority }: Cloud, tenantId: string, clientId: string, back?: Return): string {
  const url = new URL(`${authority}/${encodeURIComponent(tenantId)}/adminconsent`);
  url.searchParams.set('client_id', clientId);
  if (back !== undefined) {
    url.searchParams.set('state', back.state);
    url.searchParams.set('redirect_uri', back.redirectUri);
  }
  return url.href;
}
