import type { CloudName } from './clouds.ts';

/** The storage account of the function app, as far as this app uses it. */
export interface StorageAccount {
  /** Base URLs. Those of queues and blobs are absent if the setting names other services only. */
  tableUrl: string;
  queueUrl: string | undefined;
  blobUrl: string | undefined;
  authorization: /** In the spelling that the Azure SDKs parse. */
    | { kind: 'connectionString'; connectionString: string }
    /** The managed identity; a client id names a user-assigned one for storage alone. */
    | { kind: 'identity'; clientId: string | undefined };
}

type Environment = Record<string, string | undefined>;

export const storageSetting = 'AzureWebJobsStorage';

const emulator: StorageAccount = {
  tableUrl: 'http://127.0.0.1:10002/devstoreaccount1',
  queueUrl: 'http://127.0.0.1:10001/devstoreaccount1',
  blobUrl: 'http://127.0.0.1:10000/devstoreaccount1',
  authorization: { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
};

/**
 * Reads `AzureWebJobsStorage` in each form that the Functions host accepts: a connection string, or an identity
 * (`AzureWebJobsStorage__accountName`, or `__tableServiceUri` and its like). The SDKs are not loaded to validate it.
 * @returns undefined without the setting, or if the account has no tables; `invalid` for anything else.
 */
export function readStorageAccount(environment: Environment, cloud: CloudName): StorageAccount | 'invalid' | undefined {
  const read = (name: string) => environment[`${storageSetting}${name}`]?.trim() || undefined;
  const connectionString = read('');
  if (connectionString !== undefined) return parseConnectionString(connectionString);
  const accountName = read('__accountName');
  const urls = findUrls(
    (service) => read(`__${service}ServiceUri`),
    (service) => accountName && `https://${accountName}.${service}.${suffixes[cloud]}`,
  );
  // The host needs blobs and queues only.
  if (accountName === undefined && urls.tableUrl === undefined) return undefined;
  if (accountName !== undefined && !isAccountName(accountName)) return 'invalid';
  return toAccount(urls, { kind: 'identity', clientId: read('__clientId') });
}

type ServiceUrls = Record<'tableUrl' | 'queueUrl' | 'blobUrl', string | undefined>;

/** For each service the URL that is given, otherwise the default one. */
function findUrls(
  givenUrlOf: (service: string) => string | undefined,
  defaultUrlOf: (service: string) => string | undefined,
): ServiceUrls {
  const find = (service: string) => (givenUrlOf(service) ?? defaultUrlOf(service))?.replace(/\/+$/, '');
  return { tableUrl: find('table'), queueUrl: find('queue'), blobUrl: find('blob') };
}

function toAccount(urls: ServiceUrls, authorization: StorageAccount['authorization']): StorageAccount | 'invalid' {
  const { tableUrl } = urls;
  if (tableUrl === undefined || Object.values(urls).some((url) => url !== undefined && !isUrl(url))) return 'invalid';
  return { ...urls, tableUrl, authorization };
}

const suffixes: Record<CloudName, string> = {
  public: 'core.windows.net',
  gcc: 'core.windows.net',
  gccHigh: 'core.usgovcloudapi.net',
  dod: 'core.usgovcloudapi.net',
};

const isAccountName = (text: string): boolean => /^[a-z0-9]{3,24}$/.test(text);
const isUrl = (text: string): boolean => /^https?:/.test(text) && URL.canParse(text);

/** https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
function parseConnectionString(text: string): StorageAccount | 'invalid' | undefined {
  const parts = new Map(text.split(';').map((part) => splitAtFirst(part.trim())));
  if (parts.get('usedevelopmentstorage') === 'true') return emulator;
  const accountName = parts.get('accountname');
  const protocol = parts.get('defaultendpointsprotocol') ?? 'https';
  const suffix = parts.get('endpointsuffix') ?? suffixes.public;
  const urls = findUrls(
    (service) => parts.get(`${service}endpoint`),
    (service) => accountName && `${protocol}://${accountName}.${service}.${suffix}`,
  );
  if (urls.tableUrl === undefined && (urls.blobUrl ?? urls.queueUrl) !== undefined) return undefined;
  const credential = findCredential(parts);
  if (credential === undefined) return 'invalid';
  return toAccount(urls, {
    kind: 'connectionString',
    connectionString: [...credential, ...toEndpoints(urls)].join(';'),
  });
}

function findCredential(parts: ReadonlyMap<string, string>): string[] | undefined {
  const accountName = parts.get('accountname');
  const accountKey = parts.get('accountkey');
  const signature = parts.get('sharedaccesssignature')?.replace(/^\?/, '');
  // The SDKs look for the protocol, although every endpoint is given.
  if (accountName && accountKey)
    return ['DefaultEndpointsProtocol=https', `AccountName=${accountName}`, `AccountKey=${accountKey}`];
  return signature ? [`SharedAccessSignature=${signature}`] : undefined;
}

const toEndpoints = ({ tableUrl, queueUrl, blobUrl }: ServiceUrls): string[] => [
  `TableEndpoint=${tableUrl}`,
  ...(queueUrl === undefined ? [] : [`QueueEndpoint=${queueUrl}`]),
  ...(blobUrl === undefined ? [] : [`BlobEndpoint=${blobUrl}`]),
];

/** Keys and signatures contain `=`. */
function splitAtFirst(part: string): [string, string] {
  const at = part.indexOf('=');
  return [part.slice(0, Math.max(0, at)).toLowerCase(), part.slice(at + 1)];
}
