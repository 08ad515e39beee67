import * as z from 'zod/mini';
import { apis } from '../clouds.ts';
import { withDescription } from '../schema.ts';
import { callerAuthentications, credentialKinds } from '../settings.ts';
import { tenantStates } from '../tenants/tenants.ts';

const step = z.object({
  name: withDescription(z.enum(['managedIdentity', 'keyVault', 'token', 'permissions']), 'Step to a token'),
  status: withDescription(
    z.enum(['pass', 'warn', 'fail', 'skipped']),
    'warn: works, needs attention. skipped: not needed, or an earlier step failed.',
  ),
  durationMs: withDescription(z.int(), 'Duration in milliseconds'),
  code: withDescription(z.optional(z.string()), 'Error code'),
  detail: withDescription(z.optional(z.string()), 'Reason for the status'),
  nextStep: withDescription(z.optional(z.string()), 'What an administrator can do'),
});
export type Step = z.infer<typeof step>;

const apiHealth = z.object({
  api: withDescription(z.enum(apis), 'API of Defender'),
  steps: withDescription(z.array(step), 'Steps to a token'),
  permissions: withDescription(
    z.object({
      granted: withDescription(z.array(z.string()), 'Permissions in the token'),
      missing: withDescription(z.array(z.string()), 'Permissions that allowed operations need'),
    }),
    'Permissions of the app',
  ),
});
export type ApiHealth = z.infer<typeof apiHealth>;

const incidentFeed = z.object({
  status: withDescription(z.enum(['pass', 'warn']), 'warn: late, paused or with quarantined windows'),
  caughtUpAt: withDescription(z.optional(z.iso.datetime()), 'When the feed last read everything'),
  notBefore: withDescription(z.optional(z.iso.datetime()), 'Defender asked not to be called before this time'),
  quarantinedWindows: withDescription(z.int(), 'Time windows that cannot be read. They are retried.'),
});
export type IncidentFeedHealth = z.infer<typeof incidentFeed>;

const tenantCheck = z.object({
  tenantId: withDescription(z.string(), 'Tenant ID'),
  state: withDescription(z.enum(tenantStates), 'State of the tenant'),
  apis: withDescription(z.array(apiHealth), 'APIs in this tenant. Empty for a pending tenant.'),
  incidentFeed: withDescription(z.optional(incidentFeed), 'Absent without a subscription or poll'),
});
export type TenantCheck = z.infer<typeof tenantCheck>;

const credential = z.object({
  kind: withDescription(z.enum(credentialKinds), 'Kind of the credential'),
  name: withDescription(z.optional(z.string()), 'Name in Key Vault'),
  version: withDescription(z.optional(z.string()), 'Version in Key Vault'),
  createdAt: withDescription(z.optional(z.iso.datetime()), 'Creation time'),
  expiresAt: withDescription(z.optional(z.iso.datetime()), 'Expiration time'),
  daysLeft: withDescription(z.optional(z.int()), 'Days until it expires'),
});
export type CredentialHealth = z.infer<typeof credential>;

const warning = z.object({
  code: withDescription(z.string(), 'Stable code of the warning'),
  detail: withDescription(z.string(), 'What needs attention'),
  nextStep: withDescription(z.optional(z.string()), 'What an administrator can do'),
});
export type Warning = z.infer<typeof warning>;

/** The steps to a token and its permissions, for every API in every tenant. */
export const health = z.object({
  status: withDescription(
    z.enum(['healthy', 'degraded', 'unhealthy']),
    'unhealthy: a step fails in the home tenant. degraded: a step or feed warns, a step fails in another tenant, or a warning concerns an operation that fails.',
  ),
  version: withDescription(z.string(), 'Version of the app'),
  callerAuthentication: withDescription(z.enum(callerAuthentications), 'Setting CALLER_AUTHENTICATION'),
  credential: withDescription(credential, 'Credential of the app'),
  warnings: withDescription(z.array(warning), 'Settings and secrets that need attention'),
  tenants: withDescription(z.array(tenantCheck), 'Served and pending tenants'),
});
export type Health = z.infer<typeof health>;
