import type { CloudName } from './clouds.ts';

/** The storage account of the function app, as far as this app uses it. */
export interface StorageAccount {
  /** Address of the table service. */
  tableUrl: string;
  authorization:
    | { kind: 'key'; accountName: string; accountKey: string }
    | { kind: 'sharedAccessSignature'; signature: string }
    /** The managed identity; a client id names a user-assigned one of its own. */
    | { kind: 'identity'; clientId: string | undefined };
}

type Environment = Record<string, string | undefined>;

export const storageSetting = 'AzureWebJobsStorage';

const emulator: StorageAccount = {
  tableUrl: 'http://127.0.0.1:10002/devstoreaccount1',
  authorization: {
    kind: 'key',
    accountName: 'devstoreaccount1',
    // Published: it opens the emulator and nothing else. https://learn.microsoft.com/azure/storage/common/storage-use-azurite
    accountKey: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  },
};

/**
 * Reads `AzureWebJobsStorage` in each form that the Functions host takes: a connection string, or an identity
 * (`AzureWebJobsStorage__accountName`, or `__tableServiceUri` and its like).
 * @returns undefined without the setting, `invalid` for something that is none of these.
 */
export function readStorageAccount(environment: Environment, cloud: CloudName): StorageAccount | 'invalid' | undefined {
  const read = (name: string) => environment[`${storageSetting}${name}`]?.trim() || undefined;
  const connectionString = read('');
  if (connectionString !== undefined) return parseConnectionString(connectionString);
  const accountName = read('__accountName');
  const serviceUri = read('__tableServiceUri');
  if (accountName === undefined && serviceUri === undefined) return undefined;
  if (accountName !== undefined && !isAccountName(accountName)) return 'invalid';
  const tableUrl = toUrl(serviceUri ?? `https://${accountName}.table.${suffixes[cloud]}`);
  return tableUrl === undefined
    ? 'invalid'
    : { tableUrl, authorization: { kind: 'identity', clientId: read('__clientId') } };
}

const suffixes: Record<CloudName, string> = {
  public: 'core.windows.net',
  gcc: 'core.windows.net',
  gccHigh: 'core.usgovcloudapi.net',
  dod: 'core.usgovcloudapi.net',
};

const isAccountName = (text: string): boolean => /^[a-z0-9]{3,24}$/.test(text);

/** https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
function parseConnectionString(text: string): StorageAccount | 'invalid' | undefined {
  const parts = new Map(text.split(';').map((part) => splitAtFirst(part.trim())));
  if (parts.get('usedevelopmentstorage') === 'true') return emulator;
  const accountName = parts.get('accountname');
  const protocol = parts.get('defaultendpointsprotocol') ?? 'https';
  const suffix = parts.get('endpointsuffix') ?? suffixes.public;
  const address = parts.get('tableendpoint') ?? (accountName && `${protocol}://${accountName}.table.${suffix}`);
  // The host is content with an account that has no tables.
  if (address === undefined) return parts.has('blobendpoint') || parts.has('queueendpoint') ? undefined : 'invalid';
  const tableUrl = toUrl(address);
  const authorization = readAuthorization(parts);
  return tableUrl === undefined || authorization === undefined ? 'invalid' : { tableUrl, authorization };
}

function readAuthorization(parts: ReadonlyMap<string, string>): StorageAccount['authorization'] | undefined {
  const accountName = parts.get('accountname');
  const accountKey = parts.get('accountkey');
  const signature = parts.get('sharedaccesssignature');
  if (accountName && accountKey) return { kind: 'key', accountName, accountKey };
  return signature ? { kind: 'sharedAccessSignature', signature } : undefined;
}

/** A key or a signature has `=` in it too. */
function splitAtFirst(part: string): [string, string] {
  const at = part.indexOf('=');
  return [part.slice(0, Math.max(0, at)).toLowerCase(), part.slice(at + 1)];
}

function toUrl(text: string | undefined): string | undefined {
  if (!text || !URL.canParse(text) || !/^https?:/.test(text)) return undefined;
  return text.replace(/\/+$/, '');
}
