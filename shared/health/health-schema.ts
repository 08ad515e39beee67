import * as z from 'zod/mini';
import { apis } from '../clouds.ts';
import { withDescription } from '../schema.ts';
import { callerAuthentications, credentialKinds } from '../settings.ts';
import { tenantStates } from '../tenants/tenants.ts';

const step = z.object({
  name: z.enum(['managedIdentity', 'keyVault', 'token', 'permissions']),
  status: z.enum(['pass', 'warn', 'fail', 'skipped']),
  durationMs: z.int(),
  code: z.optional(z.string()),
  detail: z.optional(z.string()),
  nextStep: z.optional(z.string()),
});
export type Step = z.infer<typeof step>;

const apiHealth = z.object({
  api: z.enum(apis),
  steps: z.array(step),
  permissions: z.object({ granted: z.array(z.string()), missing: z.array(z.string()) }),
});
export type ApiHealth = z.infer<typeof apiHealth>;

const incidentFeed = z.object({
  status: z.enum(['pass', 'warn']),
  caughtUpAt: withDescription(z.optional(z.iso.datetime()), 'When the feed last read everything'),
  notBefore: withDescription(z.optional(z.iso.datetime()), 'Defender asked not to be called before this time'),
  quarantinedWindows: withDescription(z.int(), 'Time windows that cannot be read. They are retried.'),
});
export type IncidentFeedHealth = z.infer<typeof incidentFeed>;

const tenantCheck = z.object({
  tenantId: z.string(),
  state: z.enum(tenantStates),
  apis: z.array(apiHealth),
  incidentFeed: withDescription(z.optional(incidentFeed), 'Absent without a subscription or poll'),
});
export type TenantCheck = z.infer<typeof tenantCheck>;

const credential = z.object({
  kind: z.enum(credentialKinds),
  name: z.optional(z.string()),
  version: z.optional(z.string()),
  createdAt: z.optional(z.iso.datetime()),
  expiresAt: z.optional(z.iso.datetime()),
  daysLeft: z.optional(z.int()),
});
export type CredentialHealth = z.infer<typeof credential>;

const warning = z.object({
  code: z.string(),
  detail: z.string(),
  nextStep: z.optional(z.string()),
});
export type Warning = z.infer<typeof warning>;

/** The steps to a token and its permissions, for every API in every tenant. */
export const health = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  version: z.string(),
  callerAuthentication: z.enum(callerAuthentications),
  credential,
  warnings: withDescription(z.array(warning), 'Settings and secrets that need attention'),
  tenants: z.array(tenantCheck),
});
export type Health = z.infer<typeof health>;
