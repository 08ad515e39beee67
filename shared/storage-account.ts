import type { CloudName } from './clouds.ts';

/** The storage account of the function app, as far as this app uses it. */
export interface StorageAccount {
  /** Addresses of its services. Those of queues and blobs are absent where the setting names only other services. */
  tableUrl: string;
  queueUrl: string | undefined;
  blobUrl: string | undefined;
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
  queueUrl: 'http://127.0.0.1:10001/devstoreaccount1',
  blobUrl: 'http://127.0.0.1:10000/devstoreaccount1',
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
  const addresses = findAddresses(
    (service) => read(`__${service}ServiceUri`),
    (service) => accountName && `https://${accountName}.${service}.${suffixes[cloud]}`,
  );
  // The host is content with blobs and queues alone; without tables this app has nothing to keep its things in.
  if (accountName === undefined && addresses.tableUrl === undefined) return undefined;
  if (accountName !== undefined && !isAccountName(accountName)) return 'invalid';
  return toAccount(addresses, { kind: 'identity', clientId: read('__clientId') });
}

const services = ['table', 'queue', 'blob'] as const;
type ServiceName = (typeof services)[number];
type Addresses = Record<`${ServiceName}Url`, string | undefined>;

/** The address of each service: its own where there is one, or by the account's name. */
function findAddresses(
  ownAddressOf: (service: ServiceName) => string | undefined,
  usualAddressOf: (service: ServiceName) => string | undefined,
): Addresses {
  const find = (service: ServiceName) => ownAddressOf(service) ?? usualAddressOf(service);
  return { tableUrl: find('table'), queueUrl: find('queue'), blobUrl: find('blob') };
}

function toAccount(
  addresses: Addresses,
  authorization: StorageAccount['authorization'] | undefined,
): StorageAccount | 'invalid' {
  if (Object.values(addresses).some((address) => address !== undefined && toUrl(address) === undefined))
    return 'invalid';
  const tableUrl = toUrl(addresses.tableUrl);
  if (tableUrl === undefined || authorization === undefined) return 'invalid';
  return { tableUrl, queueUrl: toUrl(addresses.queueUrl), blobUrl: toUrl(addresses.blobUrl), authorization };
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
  const addresses = findAddresses(
    (service) => parts.get(`${service}endpoint`),
    (service) => accountName && `${protocol}://${accountName}.${service}.${suffix}`,
  );
  // The host is content with an account that has no tables.
  if (addresses.tableUrl === undefined && (addresses.blobUrl ?? addresses.queueUrl) !== undefined) return undefined;
  return toAccount(addresses, readAuthorization(parts));
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
