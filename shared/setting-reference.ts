import { cloudNames } from './clouds.ts';
import { callerAuthentications, commandTypes, credentialKinds, machineActionTypes, type Settings } from './settings.ts';

/** What the documentation says about a setting. */
interface SettingReference {
  meaning: string;
  /** Which values are accepted. */
  values: string;
  /** Undefined for a setting that is required or has no effect unless set. */
  defaultValue?: string;
  /** Whether the app fails without it; text for a condition. */
  required?: true | string;
}

type PlatformSetting =
  | 'AzureWebJobsStorage'
  | 'APPLICATIONINSIGHTS_CONNECTION_STRING'
  | 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING';

const secretName = 'Key Vault name: letters, digits and dashes';
const ncrontab = 'NCRONTAB expression of five or six fields, in UTC';

/** The reference of every setting, in the order of the documentation. */
export const settingReference: Record<keyof Settings | PlatformSetting, SettingReference> = {
  DEFENDER_TENANT_ID: { meaning: 'Home tenant, in which the app is registered', values: 'GUID', required: true },
  DEFENDER_CLIENT_ID: { meaning: 'Client id of the app registration', values: 'GUID', required: true },
  DEFENDER_TENANTS: {
    meaning:
      'Customer tenants onboarded by configuration. A domain is resolved once to its tenant id, which is kept in storage. Ignored with `DEFENDER_CREDENTIAL=managedIdentity`',
    values: 'comma-separated tenant ids (GUIDs) or verified domains',
  },
  DEFENDER_CREDENTIAL: {
    meaning:
      'Credential of the app: a client secret or certificate in Key Vault, the managed identity as federated credential of the app registration, or the managed identity itself with the permissions (home tenant only)',
    values: credentialKinds.join(', '),
    defaultValue: 'secret',
  },
  DEFENDER_CLIENT_SECRET_NAME: {
    meaning: 'Name of the client secret in Key Vault, with `DEFENDER_CREDENTIAL=secret`',
    values: secretName,
    defaultValue: 'defender-client-secret',
  },
  DEFENDER_CERTIFICATE_NAME: {
    meaning: 'Name of the certificate in Key Vault, with `DEFENDER_CREDENTIAL=certificate`',
    values: secretName,
    defaultValue: 'defender-client-certificate',
  },
  KEY_VAULT_URL: {
    meaning: 'Key Vault of the client secret or certificate, the webhook secret and the state key',
    values: 'https URL such as `https://contoso.vault.azure.net`',
    required:
      'with `DEFENDER_CREDENTIAL` set to `secret` or `certificate`, with `WEBHOOK_SECRET_NAME` and with `STATE_KEY_NAME`',
  },
  AZURE_CLIENT_ID: {
    meaning: 'Client id of the user-assigned managed identity. Without it the system-assigned identity is used',
    values: 'GUID',
  },
  DEFENDER_CLOUD: {
    meaning: 'Cloud of the tenants: Entra authority, API hosts and token resources together',
    values: cloudNames.join(', '),
    defaultValue: 'public',
  },
  DEFENDER_REGION: {
    meaning:
      'Region of the API hosts of Defender XDR and Defender for Endpoint, such as `us` for `us.api.security.microsoft.com`. Only with `DEFENDER_CLOUD=public`',
    values: 'two to four lower-case letters, such as us, eu, uk, au',
  },
  DEFENDER_HUNTING_API: {
    meaning:
      'API of hunting queries: Microsoft Graph, or the older one of Defender XDR, which stops returning data on 1 February 2027',
    values: 'graph, xdr',
    defaultValue: 'graph',
  },
  DEFENDER_READ_ONLY: {
    meaning: 'Refuses every operation that changes Defender with 403 `ReadOnly`',
    values: 'true, false',
    defaultValue: 'false',
  },
  DEFENDER_MACHINE_ACTIONS: {
    meaning: 'Machine actions that callers may start',
    values: `comma-separated: ${machineActionTypes.join(', ')}`,
    defaultValue: machineActionTypes.filter((type) => type !== 'offboard').join(','),
  },
  UPSTREAM_TIMEOUT_SECONDS: {
    meaning:
      'Timeout of one attempt of a call to Defender or Microsoft Graph, except hunting queries (185 s). A whole call takes at most 100 s',
    values: 'whole number from 1 to 100',
    defaultValue: '30',
  },
  CALLER_AUTHENTICATION: {
    meaning:
      'What a caller needs: a function key, which allows every operation in every tenant; a key and an Entra access token, whose roles and tenants decide; or a token only',
    values: callerAuthentications.join(', '),
    defaultValue: 'key',
  },
  APP_ID_URIS: {
    meaning: 'Further audiences of the access tokens of callers, besides the client id and `api://<client id>`',
    values: 'comma-separated application id URIs',
  },
  WEBHOOK_COMMANDS: {
    meaning: 'Signed commands that `commandWebhook` runs',
    values: `comma-separated: ${commandTypes.join(', ')}`,
    defaultValue: commandTypes.join(','),
  },
  PUBLIC_URL: {
    meaning: 'Base of every absolute URL in replies, for an app behind API Management, Front Door or a custom domain',
    values:
      'https URL such as `https://defender.contoso.com`. With a path, it is the URL of the API: `https://contoso.azure-api.net/defender`',
    defaultValue: 'the base of the request',
  },
  WEBHOOK_SECRET_NAME: {
    meaning:
      'Name of the secret in Key Vault with which systems sign commands (Standard Webhooks). Without it `commandWebhook` returns 404',
    values: secretName,
  },
  STATE_KEY_NAME: {
    meaning:
      'Name of the secret in Key Vault (32 characters or more) that protects stored state: signing secrets are derived from it, callback URLs and stored responses are encrypted, `nextLink` and `state` are signed. Without it they are stored as they are',
    values: secretName,
  },
  CALLBACK_HOSTS: {
    meaning:
      'Hosts that events may be delivered to; `*.` matches any labels. The default depends on `DEFENDER_CLOUD`. Logic Apps Standard needs `*.azurewebsites.net`',
    values: 'comma-separated host names',
    defaultValue: '*.logic.azure.com,*.environment.api.powerplatform.com',
  },
  CHECK_CREDENTIALS_SCHEDULE: {
    meaning: 'Schedule of `checkCredentials`, which refreshes tokens and warns 30 days before a credential expires',
    values: ncrontab,
    defaultValue: '0 0 * * * *',
  },
  SYNC_INCIDENTS_SCHEDULE: {
    meaning: 'Schedule of `syncIncidents`, which publishes new and updated incidents',
    values: ncrontab,
    defaultValue: '0 * * * * *',
  },
  SYNC_OVERLAP_MINUTES: {
    meaning: 'How far each run of the incident feed looks back: incidents may become visible this late',
    values: 'whole number from 0 to 1440',
    defaultValue: '10',
  },
  SCHEDULED_HUNTS_SCHEDULE: {
    meaning: 'Schedule of `runScheduledHunts`, which starts the saved hunts that are due',
    values: ncrontab,
    defaultValue: '0 */5 * * * *',
  },
  AzureWebJobsStorage: {
    meaning:
      'Storage account of the function app, where subscriptions, hunts, idempotency keys, onboarded tenants and checkpoints are stored. Operations that need it fail without it',
    values:
      'connection string, or `AzureWebJobsStorage__accountName` (or `__tableServiceUri`, `__queueServiceUri` and `__blobServiceUri`) for access with the managed identity (`__clientId`: another user-assigned one)',
  },
  APPLICATIONINSIGHTS_CONNECTION_STRING: {
    meaning: 'Application Insights resource. Without it there is no telemetry',
    values: 'connection string',
  },
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: {
    meaning:
      'Sends telemetry with a token of the managed identity, for a resource whose local authentication is disabled. `ClientId` names a user-assigned identity',
    values: '`Authorization=AAD` or `ClientId=<client id>;Authorization=AAD`',
  },
};
