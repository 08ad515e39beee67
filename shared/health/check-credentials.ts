import pMap from 'p-map';
import type { Api } from '../clouds.ts';
import { UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Observe } from '../outbound/observation.ts';
import type { Onboarding } from '../tenants/onboarding.ts';
import type { ServedTenant } from '../tenants/tenants.ts';
import { type TenantOutcome, toTenantFailure } from '../tokens/tenant-outcome.ts';
import { readPermissions } from '../tokens/token-claims.ts';
import { type CheckWorld, neededByApi, tenantConcurrency } from './check-health.ts';
import { daysLeft, isExpiringSoon } from './credential-expiry.ts';

interface RenewalWorld extends CheckWorld {
  onboarding: Pick<Onboarding, 'promote' | 'removeExpired'>;
  openIdempotencyStore(): Promise<{ removeOld(deadlineAt: number): Promise<void> }>;
  openAutomation(): Promise<{ removeOld(): Promise<void> }>;
  recordOutcome(outcome: TenantOutcome): void;
  observe: Observe;
}

/**
 * Renews the tokens of every tenant before a caller needs them, keeps each tenant's state current, and warns of a secret or certificate
 * that is about to expire. What fails in one tenant is told, and holds up no other.
 */
export async function checkCredentials(world: RenewalWorld, log: Log): Promise<void> {
  const { config, tenants } = world;
  await checkExpiry(world, log);
  await removeExpired(world, log);

  const served = await tenants.listServedTenants();
  const apis = neededByApi(config).map(([api]) => api);
  const pairs = served.flatMap((tenant) => apis.map((api) => ({ ...tenant, api })));
  const outcomes = await pMap(pairs, (pair) => renew(world, pair, log), { concurrency: tenantConcurrency });
  const renewed = outcomes.filter((isRenewed) => isRenewed).length;
  log.info(`${renewed} of ${pairs.length} tokens renewed in ${served.length} tenants.`);
}

async function renew(
  { tokens, tenants, onboarding, recordOutcome, observe }: RenewalWorld,
  { tenantId, isPending, api }: ServedTenant & { api: Api },
  log: Log,
): Promise<boolean> {
  try {
    const { token } = await tokens.renew({ kind: 'application', tenantId }, api);
    const isGranted = readPermissions(token).length > 0;
    if (isPending && isGranted) await onboarding.promote(tenantId);
    if (isGranted) recordOutcome({ kind: 'succeeded', tenantId });
    // At home it says that a permission is missing, which health tells.
    else if (tenantId !== tenants.homeTenantId && !isPending)
      recordOutcome({ kind: 'revoked', tenantId, code: 'ConsentRequired' });
    return true;
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    // Whoever has not consented yet has nothing wrong.
    if (isPending) return false;
    const outcome = toTenantFailure({ kind: 'application', tenantId }, error);
    if (outcome !== undefined) recordOutcome(outcome);
    const code = error.upstream.code ?? error.failure;
    observe({ name: 'TenantFailure', tenantId, code });
    log.warn(`No ${api} token for tenant ${tenantId} (${error.upstream.service} ${code}): ${error.message}`);
    return false;
  }
}

async function removeExpired(
  { config, onboarding, openIdempotencyStore, openAutomation }: RenewalWorld,
  log: Log,
): Promise<void> {
  if (config.storage === undefined) return;
  if (config.credential.kind !== 'managedIdentity')
    await removeOld('invitations', () => onboarding.removeExpired(Number.POSITIVE_INFINITY), log);
  const writes = await openIdempotencyStore();
  await removeOld('writes', () => writes.removeOld(Number.POSITIVE_INFINITY), log);
  const automation = await openAutomation();
  await removeOld('incidents, deliveries and hunts', automation.removeOld, log);
}

async function removeOld(what: string, remove: () => Promise<void>, log: Log): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    log.warn(`Old ${what} cannot be removed (${error.upstream.code ?? error.failure}): ${error.message}`);
  }
}

async function checkExpiry(
  { config, clock, appCredential, observe }: CheckWorld & { observe: Observe },
  log: Log,
): Promise<void> {
  if (!('name' in config.credential) || appCredential.vault === undefined) return;
  const { kind, name } = config.credential;
  const what = `The ${kind === 'secret' ? 'client secret' : 'certificate'} ${name}`;
  try {
    const known = await appCredential.vault.read();
    const left = daysLeft(known, clock.now());
    if (left === undefined || known.expiresAt === undefined) return;
    observe({ name: 'CredentialExpiry', credential: name, daysLeft: left });
    if (!isExpiringSoon(known, clock.now())) return;
    observe({ name: 'CredentialExpiring', credential: name, daysLeft: left, expiresAt: known.expiresAt });
    log.warn(`${what} expires in ${left} days, on ${new Date(known.expiresAt).toISOString()}.`);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    log.warn(`${what} cannot be read (${error.upstream.code ?? error.failure}): ${error.message}`);
  }
}
