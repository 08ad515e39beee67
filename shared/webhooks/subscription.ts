import { severities } from '../defender/enum-aliases.ts';
import { everyTenant } from '../tenant-id.ts';
import type { EventType, IncidentEvent, Publication, TenantEvent } from './event.ts';

/** Which events a listener wants: a subscription or a poll. Enumerations are in canonical spelling. */
export interface EventFilter {
  events: readonly EventType[];
  minimumSeverity?: string | undefined;
  status?: readonly string[] | undefined;
}

export interface SubscriptionRequest extends EventFilter {
  /** May contain a signature that authorizes the call. */
  callbackUrl: string;
  events: EventType[];
  status?: string[] | undefined;
  /** Tenant ids, or `*`. */
  tenantIds: string[];
}

/** A stored subscription. Its `callbackUrl` and signing secret are read separately: they are secrets. */
export interface Subscription extends Omit<SubscriptionRequest, 'callbackUrl'> {
  id: string;
  /** The caller that created it. */
  createdBy: string;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Whether the owner of a subscription may act in a tenant now: a grant may have been revoked. */
export type CanOwnerActIn = (ownerId: string, tenantId: string) => Promise<boolean>;

export const coversTenant = ({ tenantIds }: Pick<SubscriptionRequest, 'tenantIds'>, tenantId: string): boolean =>
  tenantIds.includes(everyTenant) || tenantIds.includes(tenantId);

/** Whether a subscription may want an event, as `created` or as `updated`. */
export function isWanted(subscription: Omit<SubscriptionRequest, 'callbackUrl'>, event: TenantEvent): boolean {
  if (!coversTenant(subscription, event.tenantId)) return false;
  return event.type === 'incident'
    ? subscription.events.some((type) => type !== 'hunt.results') && matches(subscription, event)
    : subscription.events.includes(event.type);
}

/** The versions that a listener has been offered: by sequence number, both inclusive, and by the time of the update (epoch milliseconds). */
export interface OfferedRange {
  from: number;
  to: number;
  updatedSince?: number;
}

/**
 * What a version of an incident is for a listener: created the first time that the incident matches its filters, updated from then on.
 * Undefined for a version that it does not want. Where `earlier` cannot tell, the version counts as created: repeated, never lost.
 */
export function toIncidentEventType(
  filter: EventFilter,
  version: Pick<IncidentEvent, 'severity' | 'status' | 'earlier'>,
  offered: OfferedRange,
): 'incident.created' | 'incident.updated' | undefined {
  if (!matches(filter, version)) return undefined;
  const isKnown = version.earlier.some((each) => matches(filter, each) && wasOffered(each, offered));
  const type = isKnown ? 'incident.updated' : 'incident.created';
  return filter.events.includes(type) ? type : undefined;
}

const wasOffered = ({ first, last }: Publication, { from, to, updatedSince = 0 }: OfferedRange): boolean =>
  [first, last].some(({ sequence, updatedAt }) => sequence >= from && sequence <= to && updatedAt >= updatedSince);

function matches({ minimumSeverity, status }: EventFilter, of: Pick<IncidentEvent, 'severity' | 'status'>): boolean {
  if (of.severity !== undefined && !isAtLeast(of.severity, minimumSeverity)) return false;
  return of.status === undefined || status === undefined || status.includes(of.status);
}

/** An unknown severity passes: one message too many is better than one too few. */
function isAtLeast(severity: string, minimum: string | undefined): boolean {
  if (minimum === undefined) return true;
  const rank = rankOf(severity);
  return rank < 0 || rank >= rankOf(minimum);
}

/** `severities` lists them from the least to the most severe. */
const rankOf = (severity: string): number =>
  severities.canonical.map(String).indexOf(severities.toCanonical(severity) ?? '');
