import * as z from 'zod/mini';
import { canSee } from '../../shared/inbound/access.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { huntId } from './hunt-input.ts';

/** Deletes a saved hunt and the record of its runs. */
export const deleteHunt = endpoint({
  route: 'DELETE hunts/{huntId}',
  summary: 'Delete a saved hunt',
  role: 'Hunt.ReadWrite',
  hasTenant: false,
  path: z.object({ huntId }),
  reply: noContent('The saved hunt is deleted'),
  async handle({ path, services, access }) {
    const { savedHunts } = await services.openAutomation();
    const found = await savedHunts.get(path.huntId);
    // To other callers, it does not exist.
    if (found === undefined || canSee(access, found.createdBy)) await savedHunts.remove(path.huntId);
  },
});
