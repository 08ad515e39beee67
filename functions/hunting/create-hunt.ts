import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { nonBlank } from '../../shared/inbound/input.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { tenantIds } from '../../shared/inbound/tenant-ids.ts';
import { withDescription } from '../../shared/schema.ts';
import { huntingQuery, schedule } from './hunt-input.ts';
import { hunt, toHuntReply } from './hunt-reply.ts';

/** Saves a query that runs on a schedule. Its rows are delivered to the subscriptions to `hunt.results`. */
export const createHunt = endpoint({
  route: 'POST hunts',
  summary: 'Create a saved hunt',
  role: 'Hunt.ReadWrite',
  requiresRoleOfUsers: true,
  takesIdempotencyKey: true,
  body: z.strictObject({
    name: withDescription(nonBlank, 'Display name'),
    ...huntingQuery,
    schedule: withDescription(schedule, 'NCRONTAB expression of 5 or 6 fields, in UTC'),
    tenantIds,
    onlyNew: withDescription(
      z.optional(nonBlank),
      'Column whose values identify rows: only rows with a value that was not found in the last 31 days are delivered. Default: all rows.',
    ),
  }),
  reply: jsonAnswer(hunt, { description: 'The saved hunt', statuses: [201] }),
  async handle({ body, defender, services, principal, linkTo, request, access }) {
    await defender.hunting.check(body);
    const { resolveRequestedTenants } = await import('../../shared/inbound/requested-tenants.ts');
    const { savedHunts } = await services.openAutomation();
    const tenantIds = await resolveRequestedTenants(services.tenants, body.tenantIds, principal.tenantId, request);
    const added = await savedHunts.add({ ...body, createdBy: access.ownerId, tenantIds }, request.entityId);
    return { status: 201, headers: { location: linkTo(`/hunts/${added.id}`) }, value: toHuntReply(added, []) };
  },
});
