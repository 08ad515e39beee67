import { UpstreamError } from '../errors.ts';
import { readGuid } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';
import { findRequiredRole } from './authorize.ts';
import { codeOf } from './problem.ts';
import type { Reply } from './reply.ts';
import type { AuditTarget, RequestContext } from './request-context.ts';

const maxTargetIdLength = 256;

/** Reports a write to telemetry before and after it runs. */
export async function recordWrite(context: RequestContext, perform: () => Promise<Reply>): Promise<Reply> {
  const { operation, app, endpoint, input, caller, user } = context;
  const { observe, clock, tenants } = app.openServices();
  const target = endpoint.auditTarget?.(input) ?? toPathTarget(input.path);
  const write = {
    operation,
    ...identify(context),
    ...(target && { targetType: target.type, targetId: target.id.slice(0, maxTargetIdLength) }),
  };
  const startedAt = clock.now();
  const own = caller?.principal.tenantId ?? user?.tenantId ?? tenants.homeTenantId;
  const tenantId = await findTargetTenant(tenants, target);
  const ended = (result: string, tenant = own, resultId?: string) => {
    const outcome = { result, durationMs: clock.now() - startedAt, ...(resultId !== undefined && { resultId }) };
    observe({ name: 'WriteEnded', ...write, tenantId: tenant, ...outcome });
  };
  observe({ name: 'WriteStarted', ...write, tenantId: tenantId ?? own });
  try {
    const reply = await perform();
    // The domain of a tenant that was just onboarded can be resolved only now.
    ended('succeeded', tenantId ?? (await findTargetTenant(tenants, target)), readResultId(reply));
    return reply;
  } catch (error) {
    ended(codeOf(error), tenantId);
    throw error;
  }
}

/** A tenant that is onboarded or offboarded: the write is filed under it rather than under the caller's. */
async function findTargetTenant(tenants: Tenants, target: AuditTarget | undefined): Promise<string | undefined> {
  if (target?.type !== 'tenant') return undefined;
  const id = readGuid(target.id);
  if (id !== undefined) return id;
  try {
    return (await tenants.findServedTenant(target.id))?.tenantId;
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
}

/** The id of the created entity: the last segment of `Location`. */
const readResultId = ({ headers }: Reply): string | undefined => headers?.location?.split(/[?#]/)[0]?.split('/').at(-1);

/** The verified caller, and the role that the operation required. */
function identify(context: RequestContext) {
  const { channel, token } = context;
  if (channel === 'signedCommand') return { caller: 'signedCommand' as const };
  if (token === undefined) return { caller: 'functionKey' as const };
  const { kind: caller, objectId: callerId, appId } = token;
  return { caller, callerId, appId, role: findRequiredRole(context) };
}

const typeByParameter = {
  incidentId: 'incident',
  alertId: 'alert',
  machineId: 'machine',
  indicatorId: 'indicator',
  subscriptionId: 'subscription',
  huntId: 'hunt',
  tenantId: 'tenant',
  objectId: 'caller',
} as const;

/** The entity that a path parameter names. */
function toPathTarget(path: unknown): AuditTarget | undefined {
  const parameters = new Map<string, unknown>(Object.entries(Object(path)));
  for (const [name, type] of Object.entries(typeByParameter)) {
    if (parameters.has(name)) return { type, id: String(parameters.get(name)) };
  }
  return undefined;
}
