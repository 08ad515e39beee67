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

/** The verified caller. */
function identify({ channel, token }: RequestContext) {
  if (channel === 'signedCommand') return { caller: 'signedCommand' as const };
  return token === undefined ? { caller: 'functionKey' as const } : { caller: token.kind, callerId: token.objectId };
}
