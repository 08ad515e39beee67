import { readGuid } from '../tenant-id.ts';
import { readApplicationId, readSubject } from '../tokens/token-claims.ts';
import type { RequestContext } from './app.ts';
import { codeOf } from './problem.ts';
import type { Reply } from './reply.ts';

/** Reports a write to telemetry before and after it runs. */
export async function recordWrite(context: RequestContext, perform: () => Promise<Reply>): Promise<Reply> {
  const { operation, app, caller } = context;
  const { observe, clock, config } = app.openServices();
  const write = { operation, tenantId: caller?.principal.tenantId ?? config.homeTenantId, ...identify(context) };
  const startedAt = clock.now();
  const ended = (result: string) =>
    observe({ name: 'WriteEnded', ...write, result, durationMs: clock.now() - startedAt });
  observe({ name: 'WriteStarted', ...write });
  try {
    const reply = await perform();
    ended('succeeded');
    return reply;
  } catch (error) {
    ended(codeOf(error));
    throw error;
  }
}

/** An application's own token is not verified. */
function identify({ channel, caller, request }: RequestContext) {
  if (channel === 'signedCommand') return { caller: 'signedCommand' as const };
  if (caller?.principal.kind === 'user') {
    return { caller: 'user' as const, callerId: readGuid(readSubject(caller.principal.assertion) ?? '') };
  }
  const { headers } = request;
  const bearer = headers.get('authorization')?.replace(/^Bearer +/i, '') ?? headers.get('x-ms-token-aad-access-token');
  const callerId = readApplicationId(bearer ?? '');
  return callerId === undefined ? { caller: 'functionKey' as const } : { caller: 'application' as const, callerId };
}
