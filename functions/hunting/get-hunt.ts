import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import { huntId } from './hunt-input.ts';
import { hunt, toHuntReply } from './hunt-reply.ts';

/** One saved hunt, and how it has been going. */
export const getHunt = endpoint({
  route: 'GET hunts/{huntId}',
  summary: 'Get a hunt',
  hasTenant: false,
  path: z.object({ huntId }),
  reply: json(hunt),
  async handle({ path, services }) {
    const { hunts } = await services.openAutomation();
    const found = requireFound(await hunts.get(path.huntId), `Hunt ${path.huntId}`);
    return toHuntReply(found, await hunts.listRuns(found.id));
  },
});
