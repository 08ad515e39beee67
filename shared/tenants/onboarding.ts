import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { formatInstant } from '../instants.ts';
import type { Table } from '../storage/tables.ts';
import type { TenantDirectory } from '../tokens/tenant-directory.ts';
import type { OnboardedTenants } from './onboarded-tenants.ts';
import type { TenantHealthStore } from './tenant-health.ts';

/** The outcome of an administrator's visit to the consent link. */
export type ConsentOutcome =
  | { kind: 'accepted' | 'declined'; tenantId: string }
  /** The `state` is unknown, used or expired, or was made for another tenant. */
  | { kind: 'invalid' };

/** The parameters of Entra's redirect after admin consent. */
interface ConsentResponse {
  state: string | undefined;
  tenantId: string | undefined;
  isGranted: boolean;
  isRefused: boolean;
}

/** Adds and removes customer tenants. */
export interface Onboarding {
  /**
   * Invites a tenant, which may exist already; undefined if Entra has no such tenant. `state` is for the consent link, valid once and for
   * an hour; undefined for a tenant of the settings, which needs no invitation.
   * @throws {UpstreamError} of `entra` or `storage`. @throws {ConfigError} without storage.
   */
  invite(idOrDomain: string): Promise<{ tenantId: string; isNew: boolean; state: string | undefined } | undefined>;
  /** @throws {UpstreamError} of `storage`. */
  complete(response: ConsentResponse): Promise<ConsentOutcome>;
  /** Marks a pending tenant as consented that has consented without the link. */
  promote(tenantId: string): Promise<void>;
  /** Removes a tenant; `fixed` for the home tenant and those of the settings. */
  remove(idOrDomain: string): Promise<'removed' | 'fixed'>;
  /** Removes expired invitations, until `deadlineAt`. */
  removeExpired(deadlineAt: number): Promise<void>;
}

interface OnboardingOptions {
  directory: TenantDirectory;
  onboarded: OnboardedTenants;
  tenantHealth: TenantHealthStore;
  /** @throws {ConfigError} without storage. */
  requireTable(): Table;
  /** The id of an existing tenant; undefined if no tenant has it. */
  requestTenantId(idOrDomain: string): Promise<string | undefined>;
  /** Drops what this instance has cached for a tenant. */
  forgetTenant(tenantId: string): void;
  clock: Clock;
}

const partitionKey = 'invitation';
const validForMs = 60 * 60_000;
const invitationSchema = z.object({
  rowKey: z.string(),
  tenantId: z.string(),
  expiresAt: z.iso.datetime(),
  etag: z.string(),
});

export function createOnboarding(options: OnboardingOptions): Onboarding {
  const { directory, onboarded, tenantHealth, requireTable, requestTenantId, forgetTenant, clock } = options;

  const isFixed = async (tenantId: string) => (await directory.findConfiguredTenant(tenantId)) !== undefined;

  async function createState(tenantId: string): Promise<string> {
    const state = randomBytes(24).toString('base64url');
    const expiresAt = formatInstant(clock.now() + validForMs);
    await requireTable().insert({ partitionKey, rowKey: digest(state), tenantId, expiresAt });
    return state;
  }

  async function findInvitation(state: string) {
    const { data } = invitationSchema.safeParse(await requireTable().get(partitionKey, digest(state)));
    return data === undefined || Date.parse(data.expiresAt) <= clock.now() ? undefined : data;
  }

  async function accept(tenantId: string): Promise<boolean> {
    if (!(await onboarded.accept(tenantId))) return false;
    forgetTenant(tenantId);
    await tenantHealth.remove(tenantId);
    return true;
  }

  return {
    async invite(idOrDomain) {
      const tenantId = await requestTenantId(idOrDomain);
      if (tenantId === undefined) return undefined;
      if (await isFixed(tenantId)) return { tenantId, isNew: false, state: undefined };
      const state = await createState(tenantId);
      return { tenantId, isNew: await onboarded.invite(tenantId), state };
    },
    async complete({ state, tenantId: answering, isGranted, isRefused }) {
      if (state === undefined || isGranted === isRefused) return { kind: 'invalid' };
      const invitation = await findInvitation(state);
      if (invitation === undefined) return { kind: 'invalid' };
      const { tenantId, rowKey, etag } = invitation;
      // Entra may omit the tenant of a refusal.
      if (answering !== tenantId && (isGranted || answering !== undefined)) return { kind: 'invalid' };
      if (isGranted && !(await accept(tenantId))) return { kind: 'invalid' };
      // Last, so that a failure before it leaves the link valid.
      const isFirstUse = await requireTable().delete(partitionKey, rowKey, etag);
      return isFirstUse ? { kind: isGranted ? 'accepted' : 'declined', tenantId } : { kind: 'invalid' };
    },
    async promote(tenantId) {
      await accept(tenantId);
    },
    async remove(idOrDomain) {
      const tenantId = await directory.resolve(idOrDomain);
      if (tenantId === undefined) return 'removed';
      if (await isFixed(tenantId)) return 'fixed';
      await onboarded.remove(tenantId);
      forgetTenant(tenantId);
      await tenantHealth.remove(tenantId);
      return 'removed';
    },
    async removeExpired(deadlineAt) {
      for (const row of await requireTable().list(partitionKey)) {
        const { data } = invitationSchema.safeParse(row);
        if (data !== undefined && Date.parse(data.expiresAt) > clock.now()) continue;
        if (clock.now() >= deadlineAt) return;
        await requireTable().delete(partitionKey, row.rowKey, row.etag);
      }
    },
  };
}

/** The table does not contain the state itself. */
const digest = (state: string): string => createHash('sha256').update(state).digest('base64url');
