import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
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
    const found = await hunts.get(path.huntId);
    if (found === undefined) throw new RequestError(404, 'NotFound', `There is no hunt ${path.huntId}.`);
    return toHuntReply(found, await hunts.listRuns(found.id));
  },
});
