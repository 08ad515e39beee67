import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import type { Table } from '../storage/tables.ts';
import { createExpiringCache, type Expiring } from '../tokens/expiring-cache.ts';

/** A customer tenant that was onboarded: invited, and served once it has consented. */
interface Member {
  tenantId: string;
  isPending: boolean;
}

/** The onboarded tenants, as the table has them. */
export interface OnboardedTenants {
  /**
   * All of them: from memory, and read anew every half minute. While the storage is out of reach those that were known last are served on.
   * @throws {UpstreamError} of `storage` when none have been read yet.
   */
  read(): Promise<ReadonlyMap<string, Member>>;
  /** False when it is a member already, which is left as it is. */
  invite(tenantId: string): Promise<boolean>;
  /** It has consented; false when it is no member. */
  accept(tenantId: string): Promise<boolean>;
  remove(tenantId: string): Promise<void>;
}

const partitionKey = 'member';
const freshForMs = 30_000;
/** So long they are served on while they are read anew; later a call waits for that. */
const keptForMs = 5 * 60_000;

const entitySchema = z.object({ rowKey: z.string(), isPending: z.boolean() });

interface Known extends Expiring {
  members: ReadonlyMap<string, Member>;
}

/** @param findTable gives undefined where there is no storage, and so are no members. */
export function createOnboardedTenants(
  findTable: () => Table | undefined,
  requireTable: () => Table,
  clock: Clock,
): OnboardedTenants {
  const cache = createExpiringCache<Known>({ now: clock.now, capacity: 1 });
  let latest: ReadonlyMap<string, Member> | undefined;
  /** How often we have changed the table: what was read during a change may lack it. */
  let changes = 0;

  async function load(): Promise<Known> {
    const changesBefore = changes;
    try {
      const entities = (await findTable()?.list(partitionKey)) ?? [];
      const members = new Map(entities.flatMap(toMember));
      if (changes === changesBefore) latest = members;
      return { members, refreshAt: clock.now() + freshForMs, expiresAt: clock.now() + keptForMs };
    } catch (error) {
      if (latest === undefined) throw error;
      const retryAt = clock.now() + freshForMs;
      return { members: latest, refreshAt: retryAt, expiresAt: retryAt };
    }
  }

  function toldOf(tenantId: string, member: Member | undefined): void {
    changes++;
    cache.forgetAll(() => true);
    if (latest === undefined) return;
    const members = new Map(latest);
    if (member === undefined) members.delete(tenantId);
    else members.set(tenantId, member);
    latest = members;
  }

  /** Undefined when somebody else changed it at the same moment. */
  async function tryAccept(tenantId: string): Promise<boolean | undefined> {
    const member = await requireTable().get(partitionKey, tenantId);
    if (member === undefined) return false;
    const { etag, ...entity } = member;
    const accepted = { ...entity, isPending: false, consentedAt: new Date(clock.now()).toISOString() };
    return (await requireTable().replace(accepted, etag)) || undefined;
  }

  return {
    read: async () => (await cache.get(partitionKey, load)).members,
    async invite(tenantId) {
      const invitedAt = new Date(clock.now()).toISOString();
      const isNew = await requireTable().insert({ partitionKey, rowKey: tenantId, isPending: true, invitedAt });
      if (isNew) toldOf(tenantId, { tenantId, isPending: true });
      return isNew;
    },
    async accept(tenantId) {
      const isMember = (await tryAccept(tenantId)) ?? (await tryAccept(tenantId)) ?? false;
      if (isMember) toldOf(tenantId, { tenantId, isPending: false });
      return isMember;
    },
    async remove(tenantId) {
      await requireTable().delete(partitionKey, tenantId);
      toldOf(tenantId, undefined);
    },
  };
}

/** An entity that somebody else has put there is none of ours. */
function toMember(entity: unknown): [string, Member][] {
  const { data } = entitySchema.safeParse(entity);
  return data === undefined ? [] : [[data.rowKey, { tenantId: data.rowKey, isPending: data.isPending }]];
}
