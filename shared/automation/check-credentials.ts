import pMap from 'p-map';
import { UpstreamError } from '../errors.ts';
import type { Observe } from '../outbound/observation.ts';
import { type CheckWorld, neededByApi, tenantConcurrency } from './check-health.ts';
import { daysLeft, isExpiringSoon } from './credential-expiry.ts';

/** Where a timer writes its log. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * Renews the tokens of every tenant before a caller needs them, and warns of a secret or certificate that is about to expire. What fails in one
 * tenant is told, and holds up no other.
 */
export async function checkCredentials(world: CheckWorld & { observe: Observe }, log: Log): Promise<void> {
  const { config, tenants, tokens, observe } = world;
  await checkExpiry(world, log);

  const served = await tenants.listServedTenants();
  const pairs = served.flatMap((tenantId) => neededByApi(config).map(([api]) => ({ tenantId, api })));
  let failures = 0;
  await pMap(
    pairs,
    async ({ tenantId, api }) => {
      try {
        await tokens.renew({ kind: 'application', tenantId }, api);
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        failures++;
        const code = error.upstream.code ?? error.failure;
        observe({ name: 'TenantFailure', tenantId, code });
        log.warn(`No ${api} token for tenant ${tenantId} (${error.upstream.service} ${code}): ${error.message}`);
      }
    },
    { concurrency: tenantConcurrency },
  );
  log.info(`${pairs.length - failures} of ${pairs.length} tokens renewed in ${served.length} tenants.`);
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
