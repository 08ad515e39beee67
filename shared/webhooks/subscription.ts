import { severities } from '../defender/enum-aliases.ts';
import { everyTenant } from '../tenant-id.ts';
import type { eventTypes, TenantEvent } from './event.ts';

/** What a subscriber wants to be told of, and where. */
export interface SubscriptionRequest {
  /** May hold what authorizes the call, and so is nobody's business but the subscriber's. */
  callbackUrl: string;
  events: (typeof eventTypes)[number][];
  minimumSeverity?: string | undefined;
  /** In canonical spelling. */
  status?: string[] | undefined;
  /** Tenant ids, or `*`. */
  tenantIds: string[];
}

export interface Subscription extends SubscriptionRequest {
  id: string;
  /** Epoch milliseconds. */
  createdAt: number;
  /** `whsec_` and base64, per Standard Webhooks. */
  signingSecret: string;
}

/** Whether a subscriber wants to be told of an event. */
export function isWanted(
  { events, tenantIds, minimumSeverity, status }: SubscriptionRequest,
  event: Omit<TenantEvent, 'data'>,
): boolean {
  if (!events.includes(event.type)) return false;
  if (!tenantIds.includes(everyTenant) && !tenantIds.includes(event.tenantId)) return false;
  if (event.severity !== undefined && !isAtLeast(event.severity, minimumSeverity)) return false;
  return event.status === undefined || status === undefined || status.includes(event.status);
}

/** A severity that nobody knew when this was written is as good as any: rather one message too many. */
export function isAtLeast(severity: string, minimum: string | undefined): boolean {
  if (minimum === undefined) return true;
  const rank = rankOf(severity);
  return rank < 0 || rank >= rankOf(minimum);
}

/** From the least to the most severe, as they are listed. */
const rankOf = (severity: string): number =>
  severities.canonical.map(String).indexOf(severities.toCanonical(severity) ?? '');
