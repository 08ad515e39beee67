import { readHostPattern } from './host-pattern.ts';
import { parsedString, stringMatching } from './schema.ts';
import { readGuid, readTenant } from './tenant-id.ts';

export const guid = parsedString(readGuid, 'must be a GUID such as 11111111-2222-4333-8444-555555555555');
export const vaultObjectName = stringMatching(
  /^[0-9a-zA-Z-]{1,127}$/,
  'must be a Key Vault name: letters, digits and dashes',
);
export const seconds = stringMatching(
  /^([1-9][0-9]?|100)$/,
  'must be a whole number of seconds from 1 to 100, the time that a whole call may take',
);
export const minutes = stringMatching(
  /^(0|[1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)$/,
  'must be a whole number of minutes from 0 to 1440',
);
export const region = stringMatching(/^[a-z]{2,4}$/, 'must be a region such as us, eu, uk or au');
export const schedule = stringMatching(
  /^(\S+\s+){4,5}\S+$/,
  'must be an NCRONTAB expression of five or six fields, such as 0 0 * * * *',
);

/** One of the values, in any case; parsed to its canonical spelling. */
export const choice = <const T extends readonly string[]>(values: T) =>
  parsedString(
    (text): T[number] | undefined => values.find((value) => value.toLowerCase() === text.toLowerCase()),
    `must be one of ${values.join(', ')}`,
  );

/** Comma-separated values of a list. */
export const choices = <const T extends readonly string[]>(values: T) =>
  parsedString(
    (text): T[number][] | undefined => {
      const names = new Set(text.split(',').flatMap((part) => part.trim().toLowerCase() || []));
      const chosen = values.filter((value) => names.has(value.toLowerCase()));
      return chosen.length === names.size ? chosen : undefined;
    },
    `must be a comma-separated list of ${values.join(', ')}`,
  );

export const vaultUrl = parsedString(
  (text) => (URL.canParse(text) && text.startsWith('https://') ? new URL(text).origin : undefined),
  'must be an https URL such as https://contoso.vault.azure.net',
);

/** An https URL without query, fragment or user info; parsed to a URL without a trailing slash. */
export const baseUrl = parsedString((text) => {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
  if (protocol !== 'https:' || username + password + search + hash !== '') return undefined;
  return origin + pathname.replace(/\/+$/, '');
}, 'must be an https URL without query such as https://defender.contoso.com');

export const tenantList = parsedString((text) => {
  const names = text.split(',').flatMap((part) => part.trim() || []);
  const tenants = names.flatMap((name) => readTenant(name) ?? []);
  return tenants.length === names.length ? tenants : undefined;
}, 'must be a comma-separated list of tenant ids (GUIDs) or domain names');

/** Host names, optionally with a leading `*.`, as a URL spells them. */
export const hostList = parsedString((text) => {
  const names = text.split(',').flatMap((part) => part.trim() || []);
  const hosts = names.flatMap((name) => readHostPattern(name) ?? []);
  return hosts.length === names.length ? hosts : undefined;
}, 'must be a comma-separated list of host names such as *.logic.azure.com');

export const appIdUris = parsedString((text) => {
  const uris = text.split(',').flatMap((part) => part.trim().replace(/\/$/, '') || []);
  return uris.every((uri) => /^(api|https):\/\/[^\s,]+$/.test(uri)) ? uris : undefined;
}, 'must be comma-separated application id URIs such as api://defender.contoso.com');
