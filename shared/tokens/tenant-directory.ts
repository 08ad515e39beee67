import type { Clock } from '../clock.ts';
import { isTenantId } from '../tenant-id.ts';
import { createExpiringCache, type Expiring } from './expiring-cache.ts';

/** The tenants of the settings, and the ids of domains. */
export interface TenantDirectory {
  readonly homeTenantId: string;
  /**
   * The id of a tenant given by id or verified domain; undefined for a domain without a tenant. Whether an id exists is not checked. A
   * configured domain keeps the id that it first resolved to, even if its owner changes.
   * @throws {UpstreamError} of `entra`, or of `storage` for a configured domain.
   */
  resolve(idOrDomain: string): Promise<string | undefined>;
  /** The id of the home tenant or a configured one; undefined for any other. Throws as `resolve`. */
  findConfiguredTenant(idOrDomain: string): Promise<string | undefined>;
  /** The ids of all of them, the home tenant first, without configured domains that cannot be resolved now. */
  listConfiguredTenants(): Promise<string[]>;
}

interface TenantDirectoryOptions {
  homeTenantId: string;
  /** Ids and domains. */
  configuredTenants: string[];
  /** The id of the tenant with this verified domain; undefined if no tenant has it. */
  requestTenantId: (domain: string) => Promise<string | undefined>;
  /** The stored id of a configured domain, else the one that `request` returns, which is stored from then on. */
  pinDomain: (domain: string, request: () => Promise<string | undefined>) => Promise<string | undefined>;
  clock: Clock;
}

interface Resolution extends Expiring {
  tenantId: string | undefined;
}

const capacity = 2_000;
const resolvedForMs = 24 * 60 * 60_000;
const unresolvedForMs = 60_000;

export function createTenantDirectory(options: TenantDirectoryOptions): TenantDirectory {
  const { homeTenantId, configuredTenants, requestTenantId, pinDomain, clock } = options;
  const resolutions = createExpiringCache<Resolution>({ now: clock.now, capacity });
  const configuredIds = new Set([homeTenantId, ...configuredTenants.filter(isTenantId)]);
  const configuredDomains = configuredTenants.filter((tenant) => !isTenantId(tenant));
  const pinned = new Map<string, string>();

  async function request(domain: string): Promise<Resolution> {
    const isConfigured = configuredDomains.includes(domain);
    const requestId = () => requestTenantId(domain);
    const tenantId = await (isConfigured ? pinDomain(domain, requestId) : requestId());
    if (isConfigured && tenantId !== undefined) pinned.set(domain, tenantId);
    const expiresAt = clock.now() + (tenantId === undefined ? unresolvedForMs : resolvedForMs);
    return { tenantId, expiresAt, refreshAt: expiresAt };
  }

  async function resolve(idOrDomain: string): Promise<string | undefined> {
    if (isTenantId(idOrDomain)) return idOrDomain;
    return pinned.get(idOrDomain) ?? (await resolutions.get(idOrDomain, () => request(idOrDomain))).tenantId;
  }

  return {
    homeTenantId,
    resolve,
    async findConfiguredTenant(idOrDomain) {
      const tenantId = await resolve(idOrDomain);
      if (tenantId === undefined) return undefined;
      if (configuredIds.has(tenantId) || configuredDomains.includes(idOrDomain)) return tenantId;

      const resolved = await Promise.allSettled(configuredDomains.map(resolve));
      if (resolved.some((outcome) => outcome.status === 'fulfilled' && outcome.value === tenantId)) return tenantId;
      const failed = resolved.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return undefined;
    },
    async listConfiguredTenants() {
      const resolved = await Promise.allSettled(configuredDomains.map(resolve));
      const ids = resolved.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
      return [...new Set([...configuredIds, ...ids.filter((id) => id !== undefined)])];
    },
  };
}
