import * as z from 'zod/mini';
import { type Cloud, cloudEndpoints, cloudNames } from './clouds.ts';
import { ConfigError, type InputError } from './errors.ts';
import {
  choice,
  choices,
  guid,
  hostList,
  minutes,
  region,
  schedule,
  seconds,
  tenantList,
  vaultObjectName,
  vaultUrl,
} from './setting-values.ts';
import { readStorageAccount, type StorageAccount, storageSetting } from './storage-account.ts';

export const credentialKinds = ['secret', 'certificate', 'federated', 'managedIdentity'] as const;

/**
 * How the app proves to Entra who it is: by a secret or a certificate that Key Vault holds under a name, or by the managed identity,
 * which is the application's credential (`federated`) or holds the permissions itself (`managedIdentity`).
 */
type CredentialConfig =
  | { kind: 'secret' | 'certificate'; vaultUrl: string; name: string }
  | { kind: 'federated' | 'managedIdentity' };

/** A secret in Key Vault. */
interface VaultSecretConfig {
  vaultUrl: string;
  name: string;
}

/** What can be done to a machine, by the names that our callers use. */
export const machineActionTypes = [
  'isolate',
  'unisolate',
  'runAntiVirusScan',
  'collectInvestigationPackage',
  'stopAndQuarantineFile',
  'restrictCodeExecution',
  'unrestrictCodeExecution',
  'offboard',
] as const;
export type MachineActionType = (typeof machineActionTypes)[number];

/** What is deployed, parsed and checked. */
export interface Config {
  /** The tenant in which the app is registered. */
  homeTenantId: string;
  clientId: string;
  /** Customer tenants onboarded by configuration: ids, or domains that are resolved when first called. */
  configuredTenants: string[];
  cloud: Cloud;
  credential: CredentialConfig;
  /** The secret with which commands are signed; absent: there are none. */
  webhookSecret: VaultSecretConfig | undefined;
  /** The key that protects stored state; absent: state is stored as it is. */
  stateKey: VaultSecretConfig | undefined;
  /** The user-assigned managed identity; absent means the system-assigned one. */
  managedIdentityClientId: string | undefined;
  /** Whether the platform offers the app an identity: App Service, or a workload identity in Kubernetes. */
  hasIdentityEndpoint: boolean;
  huntingApi: 'graph' | 'xdr';
  isReadOnly: boolean;
  /** What callers may do to machines. */
  machineActions: readonly MachineActionType[];
  upstreamTimeoutMs: number;
  /** To which hosts webhooks may be delivered; `*.` in front stands for any labels. */
  callbackHosts: string[];
  /** How far back each look for incidents reaches: later than this no incident becomes visible. */
  syncOverlapMs: number;
  /** Where the app keeps what it has to remember; absent: it has no such thing, and what needs it is refused. */
  storage: StorageAccount | undefined;
}

const settingsSchema = z.object({
  DEFENDER_TENANT_ID: guid,
  DEFENDER_CLIENT_ID: guid,
  DEFENDER_TENANTS: z.optional(tenantList),
  DEFENDER_CLOUD: z.optional(choice(cloudNames)),
  DEFENDER_REGION: z.optional(region),
  DEFENDER_CREDENTIAL: z.optional(choice(credentialKinds)),
  DEFENDER_CLIENT_SECRET_NAME: z.optional(vaultObjectName),
  DEFENDER_CERTIFICATE_NAME: z.optional(vaultObjectName),
  DEFENDER_HUNTING_API: z.optional(choice(['graph', 'xdr'])),
  DEFENDER_READ_ONLY: z.optional(choice(['true', 'false'])),
  DEFENDER_MACHINE_ACTIONS: z.optional(choices(machineActionTypes)),
  WEBHOOK_SECRET_NAME: z.optional(vaultObjectName),
  STATE_KEY_NAME: z.optional(vaultObjectName),
  KEY_VAULT_URL: z.optional(vaultUrl),
  AZURE_CLIENT_ID: z.optional(guid),
  UPSTREAM_TIMEOUT_SECONDS: z.optional(seconds),
  CALLBACK_HOSTS: z.optional(hostList),
  SYNC_OVERLAP_MINUTES: z.optional(minutes),
  CHECK_CREDENTIALS_SCHEDULE: z.optional(schedule),
  SYNC_INCIDENTS_SCHEDULE: z.optional(schedule),
  SCHEDULED_HUNTS_SCHEDULE: z.optional(schedule),
});

/** What the platforms set that offer an identity. */
const identityVariables = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_FEDERATED_TOKEN_FILE'];

/** The environment, of which a setting that is present but blank counts as absent: portals leave such behind. */
export type Environment = Record<string, string | undefined>;

/**
 * Parses the settings of http-api.md, section 4.
 * @throws {ConfigError} naming every setting that is missing or wrong, at once and never by value.
 */
export function parseConfig(environment: Environment): Config {
  const given: Environment = {};
  for (const name of Object.keys(settingsSchema.shape)) given[name] = environment[name]?.trim() || undefined;
  const parsed = settingsSchema.safeParse(given);
  const credential = parsed.data && readCredential(parsed.data);
  const storage = readStorageAccount(environment, parsed.data?.DEFENDER_CLOUD ?? 'public');
  const errors = [
    ...toInputErrors(parsed.error?.issues ?? [], given),
    ...vaultErrors(given),
    ...regionErrors(given),
    ...(storage === 'invalid' ? [storageError] : []),
  ];
  if (!parsed.success || credential === undefined || storage === 'invalid' || errors.length > 0)
    throw new ConfigError(errors);

  const settings = parsed.data;
  const homeTenantId = settings.DEFENDER_TENANT_ID;
  return {
    homeTenantId,
    clientId: settings.DEFENDER_CLIENT_ID,
    configuredTenants: (settings.DEFENDER_TENANTS ?? []).filter((tenant) => tenant !== homeTenantId),
    cloud: cloudEndpoints(settings.DEFENDER_CLOUD ?? 'public', settings.DEFENDER_REGION),
    credential,
    webhookSecret: readVaultSecret(settings, settings.WEBHOOK_SECRET_NAME),
    stateKey: readVaultSecret(settings, settings.STATE_KEY_NAME),
    managedIdentityClientId: settings.AZURE_CLIENT_ID,
    hasIdentityEndpoint: identityVariables.some((name) => environment[name]),
    huntingApi: settings.DEFENDER_HUNTING_API ?? 'graph',
    isReadOnly: settings.DEFENDER_READ_ONLY === 'true',
    machineActions: settings.DEFENDER_MACHINE_ACTIONS ?? machineActionTypes.filter((type) => type !== 'offboard'),
    upstreamTimeoutMs: Number(settings.UPSTREAM_TIMEOUT_SECONDS ?? 30) * 1000,
    callbackHosts: settings.CALLBACK_HOSTS ?? ['*.logic.azure.com'],
    syncOverlapMs: Number(settings.SYNC_OVERLAP_MINUTES ?? 10) * 60_000,
    storage,
  };
}

const storageError: InputError = {
  in: 'setting',
  name: storageSetting,
  detail: 'must be the connection string of a storage account, with its key or a shared access signature',
};

/** Undefined where Key Vault is needed and not named. */
function readCredential(settings: z.output<typeof settingsSchema>): CredentialConfig | undefined {
  const { DEFENDER_CREDENTIAL: kind = 'secret', KEY_VAULT_URL: vaultUrl } = settings;
  if (kind === 'federated' || kind === 'managedIdentity') return { kind };
  if (vaultUrl === undefined) return undefined;
  const name =
    kind === 'secret'
      ? (settings.DEFENDER_CLIENT_SECRET_NAME ?? 'defender-client-secret')
      : (settings.DEFENDER_CERTIFICATE_NAME ?? 'defender-client-certificate');
  return { kind, vaultUrl, name };
}

function readVaultSecret({ KEY_VAULT_URL: vaultUrl }: z.output<typeof settingsSchema>, name: string | undefined) {
  return name === undefined || vaultUrl === undefined ? undefined : { vaultUrl, name };
}

function vaultErrors(given: Environment): InputError[] {
  const { KEY_VAULT_URL: vaultUrl, DEFENDER_CREDENTIAL: kind = 'secret' } = given;
  const isKeptInVault = !['federated', 'managedidentity'].includes(kind.toLowerCase());
  const needsVault = isKeptInVault || (given.WEBHOOK_SECRET_NAME ?? given.STATE_KEY_NAME) !== undefined;
  return needsVault && vaultUrl === undefined ? [{ in: 'setting', name: 'KEY_VAULT_URL', detail: 'is required' }] : [];
}

function toInputErrors(issues: z.core.$ZodIssue[], given: Environment): InputError[] {
  const detailByName = new Map<string, string>();
  for (const issue of issues) {
    const name = issue.path.join('.');
    detailByName.set(name, given[name] === undefined ? 'is required' : issue.message);
  }
  return [...detailByName].map(([name, detail]) => ({ in: 'setting', name, detail }));
}

function regionErrors({ DEFENDER_REGION: region, DEFENDER_CLOUD: cloud }: Environment): InputError[] {
  if (region === undefined || cloud === undefined || cloud.toLowerCase() === 'public') return [];
  return [{ in: 'setting', name: 'DEFENDER_REGION', detail: 'can only be used with DEFENDER_CLOUD=public' }];
}
