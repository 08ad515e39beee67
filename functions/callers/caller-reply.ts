import * as z from 'zod/mini';
import type { CallerGrant } from '../../shared/callers/caller-grants.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import { formatInstant } from '../../shared/instants.ts';
import { withDescription } from '../../shared/schema.ts';

/** The tenants in which a caller may act. */
export const caller = z
  .object({
    objectId: withDescription(z.string(), 'Object ID of the service principal or user, or commandWebhook'),
    displayName: withDescription(z.optional(z.string()), 'Display name in Entra'),
    tenantIds: withDescription(z.array(z.string()), 'Tenant IDs, or * for every tenant that the app serves'),
    note: withDescription(z.optional(z.string()), 'Note of the administrator'),
    updatedAt: withDescription(z.iso.datetime(), 'Time of the last change'),
    updatedBy: withDescription(z.string(), 'Object ID of the caller that made the grant, or key'),
  })
  .register(z.globalRegistry, { id: 'Caller' });

export function toCallerReply(grant: CallerGrant): z.output<typeof caller> {
  const { objectId, displayName, tenantIds, note, updatedAt, updatedBy } = grant;
  return {
    objectId,
    ...(displayName !== undefined && { displayName }),
    tenantIds: [...tenantIds],
    ...(note !== undefined && { note }),
    updatedAt: formatInstant(updatedAt),
    updatedBy,
  };
}

/** @throws {RequestError} 404 without a grant. */
export const requireCaller = (grant: CallerGrant | undefined, objectId: string): CallerGrant =>
  requireFound(grant, `Caller ${objectId}`);
