import * as z from 'zod/mini';
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
  reply: json(hunt),
  async handle({ path, services }) {
    const { savedHunts, listHuntRuns } = await services.openAutomation();
    const found = requireFound(await savedHunts.get(path.huntId), `Hunt ${path.huntId}`);
    const [runs = []] = await listHuntRuns([found.id]);
    return toHuntReply(found, runs);
  },
});
