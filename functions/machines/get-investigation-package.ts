import * as z from 'zod/mini';
import { investigationPackage } from '../../shared/defender/investigation-package.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { actionId } from '../../shared/inbound/input.ts';
import { json } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Where the package that an action collected can be fetched; 404 until there is one. */
export const getInvestigationPackage = endpoint({
  route: 'GET machine-actions/{actionId}/package',
  summary: 'Get the link to an investigation package',
  path: z.object({ actionId: withDescription(actionId, 'The id of the action that collected it') }),
  reply: json(investigationPackage, { description: 'Where the package can be fetched' }),
  handle: ({ path, defender }) => defender.machineActions.getPackage(path.actionId),
});
