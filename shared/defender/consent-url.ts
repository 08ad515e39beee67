import type { Cloud } from '../clouds.ts';

/** Where Entra redirects the administrator afterwards. */
interface Redirect {
  /** Random value that Entra passes back. */
  state: string;
  /** Must be registered with the application. */
  redirectUri: string;
}

/** URL at which an administrator of `tenantId` grants admin consent to the application. */
export function createConsentUrl(
  { authority }: Cloud,
  tenantId: string,
  clientId: string,
  redirect?: Redirect,
): string {
  const url = new URL(`${authority}/${encodeURIComponent(tenantId)}/adminconsent`);
  url.searchParams.set('client_id', clientId);
  if (redirect !== undefined) {
    url.searchParams.set('state', redirect.state);
    url.searchParams.set('redirect_uri', redirect.redirectUri);
  }
  return url.href;
}
