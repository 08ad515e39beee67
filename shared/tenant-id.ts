const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domain = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** Whether the text is a tenant id rather than a domain. */
export const isTenantId = (text: string): boolean => guid.test(text);

/** The GUID in lower case; undefined if the text is not a GUID. */
export const readGuid = (text: string): string | undefined => (guid.test(text) ? text.toLowerCase() : undefined);

/** The tenant id or domain in lower case; undefined if the text is neither. */
export const readTenant = (text: string): string | undefined =>
  guid.test(text) || domain.test(text) ? text.toLowerCase() : undefined;

/** All tenants that the app serves, in a list of tenant ids. */
export const everyTenant = '*';
