import type { Cloud } from '../clouds.ts';

/** Where an administrator of `tenantId` consents to what the application asks for. */
export function createConsentUrl({ authority }: Cloud, tenantId: string, clientId: string): string {
  return `${authority}/${encodeURIComponent(tenantId)}/adminconsent?client_id=${encodeURIComponent(clientId)}`;
}
