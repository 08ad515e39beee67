import { UpstreamError } from '../errors.ts';
import type { TenantDirectory } from '../tokens/tenant-directory.ts';
import type { OnboardedTenants } from './onboarded-tenants.ts';
import type { TenantHealth, TenantHealthStore } from './tenant-health.ts';

export const tenantStates = ['home', 'pending', 'consented', 'revoked'] as const;

/** A tenant that the app serves, or will serve after its consent. */
export interface Tenant {
  tenantId: string;
  /** `pending`: invited, not served yet · `revoked`: consent was withdrawn; every call still tries. */
  state: (typeof tenantStates)[number];
  /** Epoch milliseconds. */
  lastSuccessAt: number | undefined;
  lastError: { code: string; at: number } | undefined;
}

/** A tenant that a caller may name. A pending one is not served yet. */
export interface ServedTenant {
  tenantId: string;
  isPending: boolean;
}

/** The home tenant, the tenants of the settings and those onboarded at run time. */
export interface Tenants {
  readonly homeTenantId: string;
  /**
   * Finds a tenant by id or verified domain; undefined for any other tenant.
   * @throws {UpstreamError} of `entra` or `storage` if that cannot be determined now.
   */
  findServedTenant(idOrDomain: string): Promise<ServedTenant | undefined>;
  /** The home tenant first, without those that cannot be determined now. */
  listServedTenants(): Promise<ServedTenant[]>;
  /**
   * The home tenant, then those of the settings, then the onboarded ones.
   * @throws {UpstreamError} of `storage`.
   */
  listTenants(): Promise<Tenant[]>;
}

export function createTenants(
  directory: TenantDirectory,
  onboarded: Pick<OnboardedTenants, 'read'>,
  tenantHealth: Pick<TenantHealthStore, 'read'>,
): Tenants {
  const { homeTenantId } = directory;

  async function list(onboardedTenants: ReadonlyMap<string, ServedTenant>): Promise<ServedTenant[]> {
    const configured = await directory.listConfiguredTenants();
    const others = new Map(onboardedTenants);
    for (const tenantId of configured) others.delete(tenantId);
    return [...configured.map((tenantId) => ({ tenantId, isPending: false })), ...others.values()];
  }

  return {
    homeTenantId,
    async findServedTenant(idOrDomain) {
      const configured = await directory.findConfiguredTenant(idOrDomain).catch(toUpstreamError);
      if (typeof configured === 'string') return { tenantId: configured, isPending: false };
      const tenantId = await directory.resolve(idOrDomain);
      const found = tenantId === undefined ? undefined : (await onboarded.read()).get(tenantId);
      // A configured domain that cannot be resolved does not lock out onboarded tenants.
      if (found === undefined && configured !== undefined) throw configured;
      return found;
    },
    async listServedTenants() {
      const read = await onboarded.read().catch(toUpstreamError);
      return await list(read instanceof UpstreamError ? new Map() : read);
    },
    async listTenants() {
      const [served, known] = await Promise.all([onboarded.read().then(list), tenantHealth.read()]);
      return served.map((each) => toTenant(each, known.get(each.tenantId), each.tenantId === homeTenantId));
    },
  };
}

function toTenant({ tenantId, isPending }: ServedTenant, health: TenantHealth | undefined, isHome: boolean): Tenant {
  const { lastErrorAt: at, lastErrorCode: code } = health ?? {};
  const consent = isPending ? 'pending' : health?.isRevoked ? 'revoked' : 'consented';
  return {
    tenantId,
    state: isHome ? 'home' : consent,
    lastSuccessAt: health?.lastSuccessAt,
    lastError: at === undefined || code === undefined ? undefined : { code, at },
  };
}

function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  throw error;
}
