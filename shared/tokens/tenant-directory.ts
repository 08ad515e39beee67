import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { createTransport } from '../outbound/transport.ts';
import { isTenantId, readGuid } from '../tenant-id.ts';
import type { RunStep } from './credential-step.ts';
import { createExpiringCache, type Expiring } from './expiring-cache.ts';

/** The tenants that the settings name, and the ids of tenants that are named by a domain. */
export interface TenantDirectory {
  readonly homeTenantId: string;
  /**
   * The id of a tenant given by id or verified domain; undefined for a domain that no tenant has. Of an id it is not asked whether there
   * is such a tenant.
   * @throws {UpstreamError} of `entra`, when a domain cannot be resolved just now.
   */
  resolve(idOrDomain: string): Promise<string | undefined>;
  /** The same, if it is the home tenant or one that the settings name. */
  findConfiguredTenant(idOrDomain: string): Promise<string | undefined>;
  /** The ids of all of them, the home tenant first; without a configured domain that cannot be resolved just now. */
  listConfiguredTenants(): Promise<string[]>;
}

interface TenantDirectoryOptions {
  homeTenantId: string;
  /** Ids and domains. */
  configuredTenants: string[];
  /** The id of the tenant that has this verified domain; undefined when none has. */
  requestTenantId: (domain: string) => Promise<string | undefined>;
  clock: Clock;
}

interface Resolution extends Expiring {
  tenantId: string | undefined;
}

const capacity = 2_000;
const resolvedForMs = 24 * 60 * 60_000;
const unresolvedForMs = 60_000;

export function createTenantDirectory(options: TenantDirectoryOptions): TenantDirectory {
  const { homeTenantId, configuredTenants, requestTenantId, clock } = options;
  const resolutions = createExpiringCache<Resolution>({ now: clock.now, capacity });
  const configuredIds = new Set([homeTenantId, ...configuredTenants.filter(isTenantId)]);
  const configuredDomains = configuredTenants.filter((tenant) => !isTenantId(tenant));

  async function request(domain: string): Promise<Resolution> {
    const tenantId = await requestTenantId(domain);
    const expiresAt = clock.now() + (tenantId === undefined ? unresolvedForMs : resolvedForMs);
    return { tenantId, expiresAt, refreshAt: expiresAt };
  }

  async function resolve(idOrDomain: string): Promise<string | undefined> {
    if (isTenantId(idOrDomain)) return idOrDomain;
    return (await resolutions.get(idOrDomain, () => request(idOrDomain))).tenantId;
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

const openIdConfiguration = z.object({ issuer: z.url() });

/** Asks Entra's OpenID configuration for the id of a domain's tenant; undefined when no tenant has the domain. */
export function createTenantResolver(runStep: RunStep, authority: string) {
  return (domain: string): Promise<string | undefined> =>
    runStep('entra', async ({ httpClient }) => {
      const url = `${authority}/${encodeURIComponent(domain)}/v2.0/.well-known/openid-configuration`;
      const request = createPipelineRequest({ url, headers: createHttpHeaders({ accept: 'application/json' }) });
      const response = await createTransport(httpClient)(request);
      if (response.status === 400 || response.status === 404) return undefined;
      const { issuer } = openIdConfiguration.parse(JSON.parse(response.bodyAsText ?? ''));
      const tenantId = readGuid(new URL(issuer).pathname.split('/')[1] ?? '');
      if (tenantId === undefined) throw new TypeError('The issuer names no tenant');
      return tenantId;
    });
}
