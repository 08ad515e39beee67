import pMap from 'p-map';
import type { Api } from '../clouds.ts';
import { UpstreamError } from '../errors.ts';
import { formatInstant } from '../instants.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import type { Onboarding } from '../tenants/onboarding.ts';
import type { ServedTenant } from '../tenants/tenants.ts';
import { type TenantOutcome, toTenantFailure } from '../tokens/tenant-outcome.ts';
import { readPermissions } from '../tokens/token-claims.ts';
import { type CredentialContext, neededByApi, tenantConcurrency } from './check-health.ts';
import { daysLeft, isExpiringSoon } from './credential-expiry.ts';

interface RefreshContext extends CredentialContext {
  onboarding: Pick<Onboarding, 'promote'>;
  recordOutcome(outcome: TenantOutcome): void;
  observe: Observe;
}

/**
 * Refreshes the tokens of every tenant, records its state, and warns before the client secret or certificate expires. A failure in one
 * tenant does not affect the others.
 */
export async function checkCredentials(context: RefreshContext, log: Log): Promise<void> {
  const { config, tenants } = context;
  await checkExpiry(context, log);

  const served = await tenants.listServedTenants();
  const apis = neededByApi(config).map(([api]) => api);
  const pairs = served.flatMap((tenant) => apis.map((api) => ({ ...tenant, api })));
  const outcomes = await pMap(pairs, (pair) => refresh(context, pair, log), { concurrency: tenantConcurrency });
  log.info(`Refreshed ${outcomes.filter(Boolean).length} of ${pairs.length} tokens in ${served.length} tenants.`);
}

async function refresh(
  { tokens, tenants, onboarding, recordOutcome, observe }: RefreshContext,
  { tenantId, isPending, api }: ServedTenant & { api: Api },
  log: Log,
): Promise<boolean> {
  try {
    const { token } = await tokens.renew({ kind: 'application', tenantId }, api);
    const isGranted = readPermissions(token).length > 0;
    if (isPending && isGranted) await onboarding.promote(tenantId);
    if (isGranted) recordOutcome({ kind: 'succeeded', tenantId });
    // In the home tenant a permission is missing, which health reports.
    else if (tenantId !== tenants.homeTenantId && !isPending)
      recordOutcome({ kind: 'revoked', tenantId, code: 'ConsentRequired' });
    return true;
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    // Expected before the consent.
    if (isPending) return false;
    const outcome = toTenantFailure({ kind: 'application', tenantId }, error);
    if (outcome !== undefined) recordOutcome(outcome);
    const code = error.upstream.code ?? error.failure;
    observe({ name: 'TenantFailure', tenantId, code });
    log.warn(`Failed to refresh the ${api} token of tenant ${tenantId}: ${error.upstream.service} ${code}`);
    return false;
  }
}

async function checkExpiry(
  { config, clock, appCredential, observe }: CredentialContext & { observe: Observe },
  log: Log,
): Promise<void> {
  if (!('name' in config.credential) || appCredential.vault === undefined) return;
  const { kind, name } = config.credential;
  const label = `${kind === 'secret' ? 'client secret' : 'certificate'} ${name}`;
  try {
    const credential = await appCredential.vault.read();
    const left = daysLeft(credential, clock.now());
    if (left === undefined || credential.expiresAt === undefined) return;
    observe({ name: 'CredentialExpiry', credential: name, daysLeft: left });
    if (!isExpiringSoon(credential, clock.now())) return;
    observe({ name: 'CredentialExpiring', credential: name, daysLeft: left, expiresAt: credential.expiresAt });
    log.warn(`The ${label} expires in ${left} days, on ${formatInstant(credential.expiresAt)}.`);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    log.warn(`Failed to read the ${label}: ${error.upstream.service} ${error.upstream.code ?? error.failure}`);
  }
}
