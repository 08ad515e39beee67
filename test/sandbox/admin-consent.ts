import { entraError } from './entra-error.ts';
import { Refusal } from './entra-refusal.ts';
import { requireTenant } from './entra-tenant.ts';
import type { CloudReply } from './exchange.ts';
import type { SandboxState } from './state.ts';
import { type ConsentRefusal, consent, type Tenant } from './world.ts';

const descriptions: Readonly<Record<ConsentRefusal, string>> = {
  access_denied: 'AADSTS65004: User declined to consent to access the app.',
  permission_denied: 'The admin canceled the request.',
};

/**
 * The page on which the administrator of a tenant consents to our application, as if they had already decided. The browser
 * is sent to `redirect_uri` with the outcome.
 */
export function answerAdminConsent(url: URL, tenantName: string, state: SandboxState): CloudReply {
  const { world, now } = state;
  const clientId = url.searchParams.get('client_id') ?? '';
  try {
    const tenant = requireTenant(tenantName, url.hostname, state);
    const app = world.applications.find((each) => each.clientId === clientId);
    if (!app || (!app.multiTenant && app.homeTenantId !== tenant.id)) throw new Refusal(700016);
    const redirectUri = requireRedirectUri(url.searchParams.get('redirect_uri'));
    if (!tenant.consentRefusal) consent(tenant, app);
    const location = withOutcome(redirectUri, tenant, url.searchParams);
    return { status: 302, headers: { location, 'cache-control': 'no-store, no-cache' }, body: '' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return entraError(error.code, { ...error.details, client: clientId, tenant: tenantName }, now());
  }
}

function requireRedirectUri(text: string | null): URL {
  if (!text) throw new Refusal(900144, 'redirect_uri');
  const uri = URL.parse(text);
  const isLocal = uri?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(uri.hostname);
  if (!uri || !(isLocal || uri.protocol === 'https:')) throw new Refusal(50011, text);
  return uri;
}

function withOutcome(redirectUri: URL, { id, consentRefusal: refusal }: Tenant, asked: URLSearchParams): string {
  const location = new URL(redirectUri);
  const outcome = refusal
    ? { error: refusal, error_description: descriptions[refusal], state: asked.get('state') }
    : { tenant: id, state: asked.get('state'), admin_consent: 'True', scope: asked.get('scope') };
  for (const [name, value] of Object.entries(outcome)) {
    if (value !== null) location.searchParams.append(name, value);
  }
  return location.href;
}
