import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { huntId } from './hunt-input.ts';

/** Runs a saved hunt no more. */
export const deleteHunt = endpoint({
  route: 'DELETE hunts/{huntId}',
  summary: 'Delete a hunt',
  hasTenant: false,
  path: z.object({ huntId }),
  reply: noContent('The hunt is not run any more'),
  async handle({ path, services }) {
    const { hunts } = await services.openAutomation();
    await hunts.remove(path.huntId);
  },
});
