import type { Services } from '../services.ts';
import { readGuid } from '../tenant-id.ts';
import type { Principal } from '../tokens/principal.ts';
import { readApplicationId, readSubject } from '../tokens/token-claims.ts';
import type { CallRequest } from './call-request.ts';
import { type KeyedCall, type Perform, performOnce } from './idempotency.ts';
import { codeOf } from './problem.ts';
import type { Reply } from './reply.ts';

/** A call that changes something, with or without an `Idempotency-Key`. */
interface WriteCall extends Omit<KeyedCall, 'key'> {
  request: Pick<CallRequest, 'headers' | 'isCommand'>;
}

/** Carries a change out, once if it bears a key, and tells operators of it before and after. What is only told again is told to nobody. */
export async function performWrite(services: Services, call: WriteCall, perform: Perform): Promise<Reply> {
  const { idempotencyKey: key } = call.input;
  const audited: Perform = (previousAttemptAt) => audit(services, call, () => perform(previousAttemptAt));
  return key === undefined ? await audited(undefined) : await performOnce(services, { ...call, key }, audited);
}

async function audit(
  { observe, clock, config }: Services,
  { operation, principal, request }: WriteCall,
  perform: () => Promise<Reply>,
): Promise<Reply> {
  const tenantId = principal?.tenantId ?? config.homeTenantId;
  const write = { operation, tenantId, ...identify(principal, request) };
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

/** Who asks. A user's token is proven when it is exchanged; an application's own token is only what the caller says. */
function identify(principal: Principal | undefined, { headers, isCommand }: WriteCall['request']) {
  if (isCommand) return { caller: 'signedCommand' as const };
  if (principal?.kind === 'user')
    return { caller: 'user' as const, callerId: readGuid(readSubject(principal.assertion) ?? '') };
  const bearer = headers.get('authorization')?.replace(/^Bearer +/i, '') ?? headers.get('x-ms-token-aad-access-token');
  const callerId = readApplicationId(bearer ?? '');
  return callerId === undefined ? { caller: 'functionKey' as const } : { caller: 'application' as const, callerId };
}
