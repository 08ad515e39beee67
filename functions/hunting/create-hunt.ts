import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { kql, nonBlank } from '../../shared/inbound/input.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { tenantIds } from '../../shared/inbound/tenant-ids.ts';
import { withDescription } from '../../shared/schema.ts';
import { schedule } from './hunt-input.ts';
import { hunt, toHuntReply } from './hunt-reply.ts';
import { timespan } from './timespan.ts';

/** Saves a hunt that is run by a schedule; what it finds is delivered to whoever subscribed to `hunt.results`. */
export const createHunt = endpoint({
  route: 'POST hunts',
  summary: 'Create a hunt',
  takesIdempotencyKey: true,
  body: z.strictObject({
    name: withDescription(nonBlank, 'By what people know it'),
    query: withDescription(kql, 'The query, in KQL'),
    timespan: withDescription(z.optional(timespan), 'How far to look back; 30 days without it'),
    schedule: withDescription(schedule, 'When to run it: NCRONTAB of five or six fields, in UTC'),
    tenantIds,
    onlyNew: withDescription(
      z.optional(nonBlank),
      'The column that tells rows apart: only those with a value are delivered that were not found before',
    ),
  }),
  reply: jsonAnswer(hunt, { description: 'The hunt', statuses: [201] }),
  async handle({ body, defender, services, principal, linkTo }) {
    await defender.hunting.check(body);
    const { resolveRequestedTenants } = await import('../../shared/inbound/requested-tenants.ts');
    const { hunts } = await services.openAutomation();
    const added = await hunts.add({
      ...body,
      tenantIds: await resolveRequestedTenants(services.tenants, body.tenantIds, principal),
    });
    return { status: 201, headers: { location: linkTo(`/hunts/${added.id}`) }, value: toHuntReply(added, []) };
  },
});
