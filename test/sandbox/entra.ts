import { answerAdminConsent } from './admin-consent.ts';
import { entraError } from './entra-error.ts';
import { requestToken } from './entra-token.ts';
import { type CloudReply, json } from './exchange.ts';
import { hostsOf } from './national-cloud.ts';
import type { SandboxState, Service } from './state.ts';
import { findTenant } from './world.ts';

const route =
  /^\/([^/]+)\/(oauth2\/v2\.0\/token|(?:v2\.0\/)?adminconsent|v2\.0\/\.well-known\/openid-configuration|discovery\/.+)$/;

/** The authority: discovery documents, the v2.0 token endpoint and the page for admin consent. */
export const entra: Service = async (request, state) => {
  const url = new URL(request.url);
  const [, tenant, operation] = route.exec(url.pathname) ?? [];
  if (tenant === undefined) return json(404, { error: 'not_found' });
  switch (operation) {
    case 'oauth2/v2.0/token':
      return request.method === 'POST'
        ? requestToken(request, tenant, state)
        : entraError(900144, { value: 'grant_type' }, state.now());
    case 'adminconsent':
    case 'v2.0/adminconsent':
      return answerAdminConsent(url, tenant, state);
    case 'v2.0/.well-known/openid-configuration':
      return openIdConfiguration(url, tenant, state);
    case 'discovery/instance':
      return instanceDiscovery(url);
    case 'discovery/v2.0/keys':
      return json(200, { keys: await state.tokens.publicKeys() });
    default:
      return json(404, { error: 'not_found' });
  }
};

const anyTenant = new Set(['common', 'organizations', 'consumers']);

function openIdConfiguration({ origin, hostname }: URL, tenantName: string, state: SandboxState): CloudReply {
  const tenant = findTenant(state.world, tenantName);
  if (!tenant && !anyTenant.has(tenantName)) {
    return entraError(90002, { tenant: tenantName, error: 'invalid_tenant' }, state.now());
  }
  const id = tenant?.id ?? tenantName;
  return json(200, {
    issuer: `${origin}/${id}/v2.0`,
    authorization_endpoint: `${origin}/${id}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${id}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${origin}/${id}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${origin}/${id}/oauth2/v2.0/logout`,
    jwks_uri: `${origin}/${id}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    tenant_region_scope: 'EU',
    cloud_instance_name: hostname.replace(/^login\./, ''),
    msgraph_host: hostsOf[state.world.nationalCloud].graph,
  });
}

function instanceDiscovery({ searchParams, origin }: URL): CloudReply {
  const authority = new URL(searchParams.get('authorization_endpoint') ?? `${origin}/common/oauth2/v2.0/authorize`);
  const tenant = authority.pathname.split('/')[1] ?? 'common';
  const publicHosts = ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'];
  const usGovernmentHosts = ['login.microsoftonline.us', 'login.usgovcloudapi.net'];
  const metadata = [publicHosts, usGovernmentHosts].map(([host, ...others]) => ({
    preferred_network: host,
    preferred_cache: host === 'login.microsoftonline.com' ? 'login.windows.net' : host,
    aliases: [host, ...others],
  }));
  return json(200, {
    tenant_discovery_endpoint: `${authority.origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata,
  });
}
