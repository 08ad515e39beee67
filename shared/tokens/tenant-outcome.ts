import { RequestError, UpstreamError } from '../errors.ts';
import { readRefusalKind } from './aadsts-kind.ts';
import type { Principal } from './principal.ts';

/**
 * Outcome of a call of the application in a tenant: it succeeded · it showed that the tenant has withdrawn its consent · it failed for
 * another reason.
 */
export type TenantOutcome =
  | { kind: 'succeeded'; tenantId: string }
  | { kind: 'revoked' | 'failed'; tenantId: string; code: string };

/** The outcome of a successful call; undefined for a user's, which may lack what the application has, or have what it lacks. */
export const toTenantSuccess = ({ kind, tenantId }: Principal): TenantOutcome | undefined =>
  kind === 'application' ? { kind: 'succeeded', tenantId } : undefined;

/** The outcome that an error shows; undefined for a user's call, and for an error of the caller. */
export function toTenantFailure({ kind, tenantId }: Principal, error: unknown): TenantOutcome | undefined {
  if (kind === 'user') return undefined;
  if (error instanceof RequestError) {
    if (error.code !== 'ConsentRequired') return undefined;
    const code = error.upstream?.code;
    return { kind: 'revoked', tenantId, code: code?.startsWith('AADSTS') ? code : error.code };
  }
  if (!(error instanceof UpstreamError)) return undefined;
  const code = error.upstream.code ?? error.failure;
  return { kind: readRefusalKind(code) === 'noConsent' ? 'revoked' : 'failed', tenantId, code };
}
