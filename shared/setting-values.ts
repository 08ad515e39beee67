import { readHostPattern } from './host-pattern.ts';
import { parsedString, stringMatching } from './schema.ts';
import { readGuid, readTenant } from './tenant-id.ts';

export const guid = parsedString(readGuid, 'must be a GUID such as 11111111-2222-4333-8444-555555555555');
export const vaultObjectName = stringMatching(
  /^[0-9a-zA-Z-]{1,127}$/,
  'must be a Key Vault name: letters, digits and dashes',
);
export const seconds = stringMatching(
  /^([1-9][0-9]?|1[0-9]{2}|2[0-2][0-9]|230)$/,
  'must be a whole number of seconds from 1 to 230',
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

/** A choice in any case, given on in its published spelling. */
export const choice = <const T extends readonly string[]>(values: T) =>
  parsedString(
    (text): T[number] | undefined => values.find((value) => value.toLowerCase() === text.toLowerCase()),
    `must be one of ${values.join(', ')}`,
  );

/** Several of them, separated by commas. */
export const choices = <const T extends readonly string[]>(values: T) =>
  parsedString(
    (text): T[number][] | undefined => {
      const names = new Set(text.split(',').flatMap((part) => part.trim().toLowerCase() || []));
      const chosen = values.filter((value) => names.has(value.toLowerCase()));
      return chosen.length === names.size ? chosen : undefined;
    },
    `must be some of ${values.join(', ')}, separated by commas`,
  );

export const vaultUrl = parsedString(
  (text) => (URL.canParse(text) && text.startsWith('https://') ? new URL(text).origin : undefined),
  'must be an https address such as https://contoso.vault.azure.net',
);

export const tenantList = parsedString((text) => {
  const names = text.split(',').flatMap((part) => part.trim() || []);
  const tenants = names.flatMap((name) => readTenant(name) ?? []);
  return tenants.length === names.length ? tenants : undefined;
}, 'must be tenant ids (GUIDs) or domain names, separated by commas');

/** Host names, each maybe with `*.` in front, as a URL spells them. */
export const hostList = parsedString((text) => {
  const names = text.split(',').flatMap((part) => part.trim() || []);
  const hosts = names.flatMap((name) => readHostPattern(name) ?? []);
  return hosts.length === names.length ? hosts : undefined;
}, 'must be host names, separated by commas, such as *.logic.azure.com');
