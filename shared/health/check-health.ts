import type { TokenCredential } from '@azure/core-auth';
import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { Api } from '../clouds.ts';
import type { Config } from '../config.ts';
import { granteeOf, requiredPermissions } from '../defender/permissions.ts';
import { formatInstant } from '../instants.ts';
import type { ServedTenant, Tenants } from '../tenants/tenants.ts';
import { readRefusalKind } from '../tokens/aadsts-kind.ts';
import type { AppCredential } from '../tokens/app-credential.ts';
import type { SigningSecret } from '../tokens/signing-secret.ts';
import type { StateProtection } from '../tokens/state-protection.ts';
import type { TokenProvider } from '../tokens/token-provider.ts';
import type { VaultCredential } from '../tokens/vault-credential.ts';
import { checkApi, checkCredential } from './check-steps.ts';
import { daysLeft } from './credential-expiry.ts';
import type { CredentialHealth, Health, IncidentFeedHealth, Step, TenantCheck } from './health-schema.ts';
import { findWarnings } from './health-warnings.ts';

export interface CredentialContext {
  config: Config;
  clock: Clock;
  managedIdentity: TokenCredential;
  appCredential: AppCredential;
  tenants: Tenants;
  tokens: TokenProvider;
}

interface HealthContext extends CredentialContext {
  webhookSecret: Pick<SigningSecret, 'get'> | undefined;
  stateProtection: Pick<StateProtection, 'sign'>;
}

/** Status of the incident feed of a tenant. Instants are epoch milliseconds. */
interface FeedStatus {
  caughtUpAt: number | undefined;
  notBefore: number | undefined;
  quarantinedWindows: number;
  isBehind: boolean;
}

/** Number of tenants that are checked at the same time. */
export const tenantConcurrency = 16;

/** Checks every step to a token: with new tokens in the home tenant, with cached ones in customer tenants. */
export async function checkHealth(
  context: HealthContext,
  version: string,
  feeds: ReadonlyMap<string, FeedStatus> = new Map(),
): Promise<Health> {
  const { config, tenants, clock } = context;
  const { steps, vaultCredential } = await checkCredential(context);
  const served = await tenants.listServedTenants();
  const checked = await pMap(
    served,
    async (tenant) => {
      const incidentFeed = toFeedHealth(feeds.get(tenant.tenantId));
      return { ...(await checkTenant(context, tenant, steps)), ...(incidentFeed && { incidentFeed }) };
    },
    { concurrency: tenantConcurrency },
  );
  const findings = await findWarnings(context, served.length, clock.now());
  const isDegraded = findings.some(({ isDegrading }) => isDegrading);
  const status = summarize(checked);
  return {
    status: status === 'healthy' && isDegraded ? 'degraded' : status,
    version,
    callerAuthentication: config.callerAuthentication,
    credential: describeCredential(config, vaultCredential, clock.now()),
    warnings: findings.map(({ warning }) => warning),
    tenants: checked,
  };
}

/** The permissions that each API requires: of each list, any one. */
export function neededByApi(config: Config): [Api, (readonly string[])[]][] {
  const needed = Map.groupBy(requiredPermissions(config), ({ api }) => api);
  return [...needed].map(([api, permissions]) => [api, permissions.map(({ application }) => application)]);
}

async function checkTenant(
  { config, clock, tokens }: CredentialContext,
  { tenantId, isPending }: ServedTenant,
  sharedSteps: Step[],
): Promise<TenantCheck> {
  if (isPending) return { tenantId, state: 'pending', apis: [] };
  const isHome = tenantId === config.homeTenantId;
  const getToken = isHome ? tokens.renew : tokens.getToken;
  const apis = await Promise.all(
    neededByApi(config).map(([api, needed]) =>
      checkApi(api, needed, granteeOf(config), clock, () => getToken({ kind: 'application', tenantId }, api)),
    ),
  );
  const isRevoked = apis.some(({ steps }) => steps.some(({ code }) => readRefusalKind(code) === 'noConsent'));
  return {
    tenantId,
    state: isHome ? 'home' : isRevoked ? 'revoked' : 'consented',
    apis: apis.map((api) => ({ ...api, steps: [...sharedSteps, ...api.steps] })),
  };
}

function toFeedHealth(feed: FeedStatus | undefined): IncidentFeedHealth | undefined {
  if (feed === undefined) return undefined;
  const { caughtUpAt, notBefore, quarantinedWindows, isBehind } = feed;
  const isWell = notBefore === undefined && quarantinedWindows === 0 && !isBehind;
  return {
    status: isWell ? 'pass' : 'warn',
    ...(caughtUpAt !== undefined && { caughtUpAt: formatInstant(caughtUpAt) }),
    ...(notBefore !== undefined && { notBefore: formatInstant(notBefore) }),
    quarantinedWindows,
  };
}

function summarize([home, ...customers]: TenantCheck[]): Health['status'] {
  const stepsIn = (tenants: TenantCheck[]) => tenants.flatMap(({ apis }) => apis.flatMap(({ steps }) => steps));
  const atHome = stepsIn(home === undefined ? [] : [home]);
  if (atHome.some(({ status }) => status === 'fail')) return 'unhealthy';
  // Without a credential in Key Vault the step is skipped.
  const isWell = ({ name, status }: Step) => status === 'pass' || (status === 'skipped' && name === 'keyVault');
  const areFeedsWell = [home, ...customers].every((tenant) => tenant?.incidentFeed?.status !== 'warn');
  return areFeedsWell && [...atHome, ...stepsIn(customers)].every(isWell) ? 'healthy' : 'degraded';
}

function describeCredential({ credential }: Config, known: VaultCredential | undefined, now: number): CredentialHealth {
  const left = known && daysLeft(known, now);
  return {
    kind: credential.kind,
    ...('name' in credential && { name: credential.name }),
    ...(known?.version !== undefined && { version: known.version }),
    ...(known?.createdAt !== undefined && { createdAt: formatInstant(known.createdAt) }),
    ...(known?.expiresAt !== undefined && { expiresAt: formatInstant(known.expiresAt) }),
    ...(left !== undefined && { daysLeft: left }),
  };
}
