import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Table } from '../storage/tables.ts';
import type { TenantDirectory } from '../tokens/tenant-directory.ts';
import type { OnboardedTenants } from './onboarded-tenants.ts';
import type { TenantHealthStore } from './tenant-health.ts';

/** What came of an administrator's visit to the consent link. */
export type ConsentOutcome =
  | { kind: 'accepted' | 'declined'; tenantId: string }
  /** The state is unknown, used or too old, or was made for another tenant. */
  | { kind: 'invalid' };

/** What Entra's redirect after admin consent brings. */
interface ConsentAnswer {
  state: string | undefined;
  tenantId: string | undefined;
  isGranted: boolean;
  isRefused: boolean;
}

/** How customer tenants come and go. */
export interface Onboarding {
  /**
   * Invites a tenant, or again one that is here already; undefined when there is no such tenant. `state` is what the consent link has to
   * bring back, within an hour and once; undefined for a tenant of the settings, which needs no invitation.
   * @throws {UpstreamError} of `entra` or `storage`. @throws {ConfigError} without storage.
   */
  invite(idOrDomain: string): Promise<{ tenantId: string; isNew: boolean; state: string | undefined } | undefined>;
  /** @throws {UpstreamError} of `storage`. */
  complete(answer: ConsentAnswer): Promise<ConsentOutcome>;
  /** A pending tenant was found to have consented, by whichever way. */
  promote(tenantId: string): Promise<void>;
  /** Forgets a tenant; `fixed` when the settings name it, which then have to change. */
  remove(idOrDomain: string): Promise<'removed' | 'fixed'>;
  /** Drops the invitations that nobody followed in time. */
  removeExpired(): Promise<void>;
}

interface OnboardingOptions {
  directory: TenantDirectory;
  members: OnboardedTenants;
  tenantHealth: TenantHealthStore;
  /** @throws {ConfigError} without storage. */
  requireTable(): Table;
  /** The id of an existing tenant; undefined when there is none. */
  requestTenantId(idOrDomain: string): Promise<string | undefined>;
  /** Drops the tokens that are held for a tenant. */
  forgetTokens(tenantId: string): void;
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
  const { directory, members, tenantHealth, requireTable, requestTenantId, forgetTokens, clock } = options;

  const isFixed = async (tenantId: string) => (await directory.findConfiguredTenant(tenantId)) !== undefined;

  async function createState(tenantId: string): Promise<string> {
    const state = randomBytes(24).toString('base64url');
    const expiresAt = new Date(clock.now() + validForMs).toISOString();
    await requireTable().insert({ partitionKey, rowKey: digest(state), tenantId, expiresAt });
    return state;
  }

  async function findInvitation(state: string) {
    const { data } = invitationSchema.safeParse(await requireTable().get(partitionKey, digest(state)));
    return data === undefined || Date.parse(data.expiresAt) <= clock.now() ? undefined : data;
  }

  async function accept(tenantId: string): Promise<boolean> {
    if (!(await members.accept(tenantId))) return false;
    forgetTokens(tenantId);
    await tenantHealth.remove(tenantId);
    return true;
  }

  return {
    async invite(idOrDomain) {
      const tenantId = await requestTenantId(idOrDomain);
      if (tenantId === undefined) return undefined;
      if (await isFixed(tenantId)) return { tenantId, isNew: false, state: undefined };
      const state = await createState(tenantId);
      return { tenantId, isNew: await members.invite(tenantId), state };
    },
    async complete({ state, tenantId: answering, isGranted, isRefused }) {
      if (state === undefined || isGranted === isRefused) return { kind: 'invalid' };
      const invitation = await findInvitation(state);
      if (invitation === undefined) return { kind: 'invalid' };
      const { tenantId, rowKey, etag } = invitation;
      // Entra need not say for which tenant consent was refused.
      if (answering !== tenantId && (isGranted || answering !== undefined)) return { kind: 'invalid' };
      if (isGranted && !(await accept(tenantId))) return { kind: 'invalid' };
      // Last, so that a failure before it leaves the link good for another try.
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
      await members.remove(tenantId);
      forgetTokens(tenantId);
      await tenantHealth.remove(tenantId);
      return 'removed';
    },
    async removeExpired() {
      for (const entity of await requireTable().list(partitionKey)) {
        const { data } = invitationSchema.safeParse(entity);
        if (data !== undefined && Date.parse(data.expiresAt) > clock.now()) continue;
        await requireTable().delete(partitionKey, entity.rowKey, entity.etag);
      }
    },
  };
}

/** A state is only good for whoever has the link: the table need not know it. */
const digest = (state: string): string => createHash('sha256').update(state).digest('base64url');
