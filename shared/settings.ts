import * as z from 'zod/mini';
import { cloudNames } from './clouds.ts';
import {
  appIdUris,
  baseUrl,
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

export const credentialKinds = ['secret', 'certificate', 'federated', 'managedIdentity'] as const;

/** The machine actions of Defender for Endpoint, by our callers' names. */
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

/** What a caller needs: a function key, a key and an Entra access token, or a token only. */
export const callerAuthentications = ['key', 'keyAndToken', 'token'] as const;
export type CallerAuthentication = (typeof callerAuthentications)[number];

/** The signed commands of `commandWebhook`. */
export const commandTypes = ['incident.update', 'machine.action', 'indicator.submit'] as const;
export type CommandType = (typeof commandTypes)[number];

/** The app's own settings; setting-reference.ts documents them. */
export const settingsSchema = z.object({
  DEFENDER_TENANT_ID: guid,
  DEFENDER_CLIENT_ID: guid,
  DEFENDER_TENANTS: z.optional(tenantList),
  DEFENDER_CREDENTIAL: z.optional(choice(credentialKinds)),
  DEFENDER_CLIENT_SECRET_NAME: z.optional(vaultObjectName),
  DEFENDER_CERTIFICATE_NAME: z.optional(vaultObjectName),
  KEY_VAULT_URL: z.optional(vaultUrl),
  AZURE_CLIENT_ID: z.optional(guid),
  DEFENDER_CLOUD: z.optional(choice(cloudNames)),
  DEFENDER_REGION: z.optional(region),
  DEFENDER_HUNTING_API: z.optional(choice(['graph', 'xdr'])),
  DEFENDER_READ_ONLY: z.optional(choice(['true', 'false'])),
  DEFENDER_MACHINE_ACTIONS: z.optional(choices(machineActionTypes)),
  UPSTREAM_TIMEOUT_SECONDS: z.optional(seconds),
  CALLER_AUTHENTICATION: z.optional(choice(callerAuthentications)),
  APP_ID_URIS: z.optional(appIdUris),
  WEBHOOK_COMMANDS: z.optional(choices(commandTypes)),
  PUBLIC_URL: z.optional(baseUrl),
  WEBHOOK_SECRET_NAME: z.optional(vaultObjectName),
  STATE_KEY_NAME: z.optional(vaultObjectName),
  CALLBACK_HOSTS: z.optional(hostList),
  CHECK_CREDENTIALS_SCHEDULE: z.optional(schedule),
  SYNC_INCIDENTS_SCHEDULE: z.optional(schedule),
  SYNC_OVERLAP_MINUTES: z.optional(minutes),
  SCHEDULED_HUNTS_SCHEDULE: z.optional(schedule),
});
export type Settings = z.output<typeof settingsSchema>;
