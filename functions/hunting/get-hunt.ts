import * as z from 'zod/mini';
import { canSee } from '../../shared/inbound/access.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import { huntId } from './hunt-input.ts';
import { hunt, toHuntReply } from './hunt-reply.ts';

/** A saved hunt with its last run in each tenant. */
export const getHunt = endpoint({
  route: 'GET hunts/{huntId}',
  summary: 'Get a saved hunt',
  role: 'Hunt.ReadWrite',
  hasTenant: false,
  path: z.object({ huntId }),
  reply: json(hunt, { description: 'The saved hunt' }),
  async handle({ path, services, access }) {
    const { savedHunts, listHuntRuns } = await services.openAutomation();
    const hunt = await savedHunts.get(path.huntId);
    const found = requireFound(hunt && canSee(access, hunt.createdBy) ? hunt : undefined, `Hunt ${path.huntId}`);
    const [runs = []] = await listHuntRuns([found.id]);
    return toHuntReply(found, runs);
  },
});
