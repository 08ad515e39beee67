import * as z from 'zod/mini';
import { investigationPackage } from '../../shared/defender/investigation-package.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { actionId } from '../../shared/inbound/input.ts';
import { json } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** The download link of an investigation package. 404 until the package is ready. */
export const getInvestigationPackage = endpoint({
  route: 'GET machine-actions/{actionId}/package',
  summary: 'Get the download link of an investigation package',
  role: 'Machine.Read',
  path: z.object({ actionId: withDescription(actionId, 'ID of the collectInvestigationPackage action') }),
  reply: json(investigationPackage, { description: 'Download link' }),
  handle: ({ path, defender }) => defender.machineActions.getPackage(path.actionId),
});
