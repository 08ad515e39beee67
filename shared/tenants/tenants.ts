import { UpstreamError } from '../errors.ts';
import type { TenantDirectory } from '../tokens/tenant-directory.ts';
import type { OnboardedTenants } from './onboarded-tenants.ts';
import type { TenantHealth, TenantHealthStore } from './tenant-health.ts';

export const tenantStates = ['home', 'pending', 'consented', 'revoked'] as const;

/** A tenant that we serve, or shall serve once it has consented. */
export interface Tenant {
  tenantId: string;
  /** `pending`: invited, not served yet · `revoked`: its consent is withdrawn, and is still tried at each call. */
  state: (typeof tenantStates)[number];
  /** Epoch milliseconds. */
  lastSuccessAt: number | undefined;
  lastError: { code: string; at: number } | undefined;
}

/** A tenant that a caller may name; while it is pending, only to be told so. */
export interface ServedTenant {
  tenantId: string;
  isPending: boolean;
}

/** The tenants that we serve, by settings and by onboarding, and how calls in them go. */
export interface Tenants {
  readonly homeTenantId: string;
  /**
   * A tenant given by id or verified domain, if it is one of ours.
   * @throws {UpstreamError} of `entra` or `storage`, when that cannot be told just now.
   */
  findServedTenant(idOrDomain: string): Promise<ServedTenant | undefined>;
  /** The home tenant first; without those that cannot be told just now. */
  listServedTenants(): Promise<ServedTenant[]>;
  /**
   * The home tenant first, then those of the settings, then the onboarded ones.
   * @throws {UpstreamError} of `storage`.
   */
  listTenants(): Promise<Tenant[]>;
}

export function createTenants(
  directory: TenantDirectory,
  members: Pick<OnboardedTenants, 'read'>,
  tenantHealth: Pick<TenantHealthStore, 'read'>,
): Tenants {
  const { homeTenantId } = directory;

  async function list(onboarded: ReadonlyMap<string, ServedTenant>): Promise<ServedTenant[]> {
    const configured = await directory.listConfiguredTenants();
    const served = new Map(onboarded);
    // The settings come first: what they name needs no invitation.
    for (const tenantId of configured) served.delete(tenantId);
    return [...configured.map((tenantId) => ({ tenantId, isPending: false })), ...served.values()];
  }

  async function findMember(tenantId: string): Promise<ServedTenant | undefined> {
    try {
      return (await members.read()).get(tenantId);
    } catch (error) {
      // Where nothing listens, such as an emulator that was not started, nobody was onboarded. An outage looks otherwise.
      if (error instanceof UpstreamError && error.upstream.code === 'ECONNREFUSED') return undefined;
      throw error;
    }
  }

  return {
    homeTenantId,
    async findServedTenant(idOrDomain) {
      const configured = await directory.findConfiguredTenant(idOrDomain).catch(toUpstreamError);
      if (typeof configured === 'string') return { tenantId: configured, isPending: false };
      const tenantId = await directory.resolve(idOrDomain);
      const member = tenantId === undefined ? undefined : await findMember(tenantId);
      // One domain of the settings that cannot be resolved locks out nobody who is known without it.
      if (member === undefined && configured !== undefined) throw configured;
      return member;
    },
    async listServedTenants() {
      const onboarded = await members.read().catch(toUpstreamError);
      return await list(onboarded instanceof UpstreamError ? new Map() : onboarded);
    },
    async listTenants() {
      const [served, known] = await Promise.all([members.read().then(list), tenantHealth.read()]);
      return served.map((each) => toTenant(each, known.get(each.tenantId), each.tenantId === homeTenantId));
    },
  };
}

function toTenant({ tenantId, isPending }: ServedTenant, condition: TenantHealth | undefined, isHome: boolean): Tenant {
  const { lastErrorAt: at, lastErrorCode: code } = condition ?? {};
  const consent = isPending ? 'pending' : condition?.isRevoked ? 'revoked' : 'consented';
  return {
    tenantId,
    state: isHome ? 'home' : consent,
    lastSuccessAt: condition?.lastSuccessAt,
    lastError: at === undefined || code === undefined ? undefined : { code, at },
  };
}

function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  throw error;
}
