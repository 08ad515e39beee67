const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domain = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** Whether a tenant is given by its id rather than by a domain. */
export const isTenantId = (text: string): boolean => guid.test(text);

/** A GUID in lower case; undefined when it is none. */
export const readGuid = (text: string): string | undefined => (guid.test(text) ? text.toLowerCase() : undefined);

/** A tenant's id or domain name in lower case; undefined when it is neither. */
export const readTenant = (text: string): string | undefined =>
  guid.test(text) || domain.test(text) ? text.toLowerCase() : undefined;

/** In a list of tenants: every tenant that the app serves. */
export const everyTenant = '*';
