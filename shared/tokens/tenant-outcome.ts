import { RequestError, UpstreamError } from '../errors.ts';
import { readRefusalKind } from './aadsts-kind.ts';

/**
 * How a call in a tenant went: it succeeded · it showed that the tenant's consent is withdrawn · something failed, which says nothing of
 * the consent.
 */
export type TenantOutcome =
  | { kind: 'succeeded'; tenantId: string }
  | { kind: 'revoked' | 'failed'; tenantId: string; code: string };

/** What an error tells of a tenant; undefined when it is the caller's own, and tells nothing. */
export function toTenantOutcome(tenantId: string, error: unknown): TenantOutcome | undefined {
  if (error instanceof RequestError) {
    if (error.code !== 'ConsentRequired') return undefined;
    const code = error.upstream?.code;
    return { kind: 'revoked', tenantId, code: code?.startsWith('AADSTS') ? code : error.code };
  }
  if (!(error instanceof UpstreamError)) return undefined;
  const code = error.upstream.code ?? error.failure;
  return { kind: readRefusalKind(code) === 'noConsent' ? 'revoked' : 'failed', tenantId, code };
}
