import type * as z from 'zod/mini';
import { type Cloud, cloudEndpoints } from './clouds.ts';
import { ConfigError, type InputError } from './errors.ts';
import {
  type CallerAuthentication,
  type CommandType,
  commandTypes,
  type MachineActionType,
  machineActionTypes,
  type Settings,
  settingsSchema,
} from './settings.ts';
import { readStorageAccount, type StorageAccount, storageSetting } from './storage-account.ts';

/**
 * How the app proves its identity to Entra: with a secret or certificate in Key Vault, with the managed identity as a federated
 * credential (`federated`), or as the managed identity itself, which holds the permissions (`managedIdentity`).
 */
type CredentialConfig =
  | { kind: 'secret' | 'certificate'; vaultUrl: string; name: string }
  | { kind: 'federated' | 'managedIdentity' };

/** A secret in Key Vault. */
interface VaultSecretConfig {
  vaultUrl: string;
  name: string;
}

/** The settings, parsed and validated. */
export interface Config {
  /** The tenant in which the app is registered. */
  homeTenantId: string;
  clientId: string;
  /** Customer tenants onboarded by configuration: ids and verified domains, without the home tenant. */
  configuredTenants: string[];
  cloud: Cloud;
  credential: CredentialConfig;
  /** With which commands are signed; undefined if signed commands are disabled. */
  webhookSecret: VaultSecretConfig | undefined;
  /** The key that protects stored state; undefined if state is stored as it is. */
  stateKey: VaultSecretConfig | undefined;
  /** The user-assigned managed identity; undefined for the system-assigned one. */
  managedIdentityClientId: string | undefined;
  /** Whether the platform offers an identity: App Service, or workload identity in Kubernetes. */
  hasIdentityEndpoint: boolean;
  huntingApi: 'graph' | 'xdr';
  isReadOnly: boolean;
  /** The machine actions that callers may start. */
  machineActions: readonly MachineActionType[];
  upstreamTimeoutMs: number;
  callerAuthentication: CallerAuthentication;
  /** Audiences of callers' access tokens, besides the client id and `api://<client id>`. */
  appIdUris: readonly string[];
  /** The signed commands that are run. */
  webhookCommands: readonly CommandType[];
  /** Whether App Service Authentication passes on the caller's token. */
  hasPlatformAuthentication: boolean;
  /** Base of absolute URLs, without a trailing slash; undefined for the request's own. */
  publicUrl: string | undefined;
  /** Hosts that events may be delivered to; a leading `*.` matches any labels. */
  callbackHosts: readonly string[];
  /** How far each run of the incident feed looks back. */
  syncOverlapMs: number;
  /** The app's storage account; undefined if operations that need storage are refused. */
  storage: StorageAccount | undefined;
}

/** Set by platforms that offer an identity. */
const identityVariables = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_FEDERATED_TOKEN_FILE'];

export const hasIdentityEndpoint = (environment: Environment): boolean =>
  identityVariables.some((name) => environment[name]);

/** Environment variables. A blank one counts as absent: portals leave such behind. */
export type Environment = Record<string, string | undefined>;

/**
 * Parses the settings (docs/settings.md).
 * @throws {ConfigError} with every missing or invalid setting, by name and never by value.
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
  const cloud = cloudEndpoints(settings.DEFENDER_CLOUD ?? 'public', settings.DEFENDER_REGION);
  return {
    homeTenantId,
    clientId: settings.DEFENDER_CLIENT_ID,
    configuredTenants: (settings.DEFENDER_TENANTS ?? []).filter((tenant) => tenant !== homeTenantId),
    cloud,
    credential,
    webhookSecret: readVaultSecret(settings, settings.WEBHOOK_SECRET_NAME),
    stateKey: readVaultSecret(settings, settings.STATE_KEY_NAME),
    managedIdentityClientId: settings.AZURE_CLIENT_ID,
    hasIdentityEndpoint: hasIdentityEndpoint(environment),
    huntingApi: settings.DEFENDER_HUNTING_API ?? 'graph',
    isReadOnly: settings.DEFENDER_READ_ONLY === 'true',
    machineActions: settings.DEFENDER_MACHINE_ACTIONS ?? machineActionTypes.filter((type) => type !== 'offboard'),
    upstreamTimeoutMs: Number(settings.UPSTREAM_TIMEOUT_SECONDS ?? 30) * 1000,
    callerAuthentication: settings.CALLER_AUTHENTICATION ?? 'key',
    appIdUris: settings.APP_ID_URIS ?? [],
    webhookCommands: settings.WEBHOOK_COMMANDS ?? commandTypes,
    hasPlatformAuthentication: environment.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true',
    publicUrl: settings.PUBLIC_URL,
    callbackHosts: settings.CALLBACK_HOSTS ?? cloud.callbackHosts,
    syncOverlapMs: Number(settings.SYNC_OVERLAP_MINUTES ?? 10) * 60_000,
    storage,
  };
}

const storageError: InputError = {
  in: 'setting',
  name: storageSetting,
  detail: 'must be a connection string of a storage account with its key or a shared access signature',
};

/** Undefined if Key Vault is needed and KEY_VAULT_URL is missing. */
function readCredential(settings: Settings): CredentialConfig | undefined {
  const { DEFENDER_CREDENTIAL: kind = 'secret', KEY_VAULT_URL: vaultUrl } = settings;
  if (kind === 'federated' || kind === 'managedIdentity') return { kind };
  if (vaultUrl === undefined) return undefined;
  const name =
    kind === 'secret'
      ? (settings.DEFENDER_CLIENT_SECRET_NAME ?? 'defender-client-secret')
      : (settings.DEFENDER_CERTIFICATE_NAME ?? 'defender-client-certificate');
  return { kind, vaultUrl, name };
}

function readVaultSecret({ KEY_VAULT_URL: vaultUrl }: Settings, name: string | undefined) {
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
  return [{ in: 'setting', name: 'DEFENDER_REGION', detail: 'is supported with DEFENDER_CLOUD=public only' }];
}
