import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { callerId } from './caller-input.ts';
import { requireGrantable } from './grantable-tenants.ts';

/** Removes the grant of a caller, who may then act in the home tenant only. Takes effect within a minute. */
export const deleteCaller = endpoint({
  route: 'DELETE callers/{objectId}',
  summary: 'Delete a caller',
  role: 'Caller.ReadWrite',
  hasTenant: false,
  path: z.object({ objectId: callerId }),
  reply: noContent('The grant is removed, or there was none'),
  async handle({ path: { objectId }, services, access }) {
    const grants = services.requireCallerGrants();
    const grant = await grants.get(objectId);
    if (grant === undefined) return;
    const { homeTenantId } = services.config;
    const hadHome = grant.tenantIds.some((tenantId) => tenantId === '*' || tenantId === homeTenantId);
    // To lose a grant is to gain the home tenant, which the caller of this request must have to give.
    if (!hadHome) await requireGrantable(access, [homeTenantId]);
    await grants.remove(objectId);
  },
});
