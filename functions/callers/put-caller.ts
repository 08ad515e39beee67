import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { text } from '../../shared/inbound/input.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { resolveRequestedTenants } from '../../shared/inbound/requested-tenants.ts';
import { requiredTenantIds } from '../../shared/inbound/tenant-ids.ts';
import { withDescription } from '../../shared/schema.ts';
import { callerId } from './caller-input.ts';
import { caller, requireCaller, toCallerReply } from './caller-reply.ts';
import { requireGrantable } from './grantable-tenants.ts';

/** Sets the tenants in which a caller may act. Takes effect on every instance within a minute. */
export const putCaller = endpoint({
  route: 'PUT callers/{objectId}',
  summary: 'Set the tenants of a caller',
  role: 'Caller.ReadWrite',
  hasTenant: false,
  path: z.object({ objectId: callerId }),
  body: z.strictObject({
    tenantIds: requiredTenantIds,
    displayName: withDescription(z.optional(text(256)), 'Display name, up to 256 characters'),
    note: withDescription(z.optional(text(1024)), 'Note, up to 1024 characters'),
  }),
  reply: jsonAnswer(caller, { description: 'The caller; 201 if it had no grant', statuses: [200, 201] }),
  async handle({ path: { objectId }, body, services, access, request }) {
    const grants = services.requireCallerGrants();
    const { homeTenantId } = services.config;
    const tenantIds = await resolveRequestedTenants(services.tenants, body.tenantIds, homeTenantId, request);
    await requireGrantable(access, tenantIds);
    const isNew = await grants.put({ ...body, objectId, tenantIds, updatedBy: access.ownerId });
    return { status: isNew ? 201 : 200, value: toCallerReply(requireCaller(await grants.get(objectId), objectId)) };
  },
});
