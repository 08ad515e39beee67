import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { callerId } from './caller-input.ts';
import { caller, requireCaller, toCallerReply } from './caller-reply.ts';

/** The tenants of a caller. */
export const getCaller = endpoint({
  route: 'GET callers/{objectId}',
  summary: 'Get a caller',
  role: 'Caller.ReadWrite',
  hasTenant: false,
  path: z.object({ objectId: callerId }),
  reply: json(caller, { description: 'The caller' }),
  async handle({ path: { objectId }, services }) {
    return toCallerReply(requireCaller(await services.requireCallerGrants().get(objectId), objectId));
  },
});
